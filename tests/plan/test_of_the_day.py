"""What a record says of a day is the same in SQL as in Python, on both engines."""

from datetime import date, timedelta

from sqlalchemy import literal

from domain.certificate import CertificateStatus, status_on
from storage.commission import CERTIFICATE, CERTIFICATE_STATUS
from tests.office import Office

DAY = date(2026, 5, 1)


async def test_a_certificate_holds_until_the_end_of_its_last_day(office: Office) -> None:
    types = [CERTIFICATE.c[name].type for name in CERTIFICATE_STATUS.names]
    async with office.database.reading() as connection:
        for status in CertificateStatus:
            for days in (-1, 0, 1):
                kept = (status, DAY + timedelta(days))
                columns = [literal(value, type_) for value, type_ in zip(kept, types, strict=True)]
                said = (await connection.execute(CERTIFICATE_STATUS.select(DAY, columns))).scalar_one()
                assert said is status_on(*kept, DAY)
