"""The demo world holds together: formats, codes, and who refers to whom."""

from collections import Counter
from datetime import UTC, date, datetime

import phonenumbers
import pytest
from email_validator import validate_email
from stdnum.cn import uscc

from domain.formats import is_email, is_filing_number, is_hs_code, is_mobile, is_phone, is_uscc
from domain.notice import NoticeAudience
from storage.demo import (
    demo_applicants,
    demo_consignees,
    demo_customs,
    demo_enterprises,
    demo_goods,
    demo_institutions,
    demo_places,
    demo_remarks,
    demo_return_reasons,
    demo_rules,
    demo_users,
)
from storage.demo.publications import notices, regulations
from storage.seed import code_items

CODES = {(item.table, item.code) for item in code_items()}
TODAY = datetime(2026, 11, 23, tzinfo=UTC)


def test_there_are_48_rules_of_three_kinds() -> None:
    kinds = Counter(rule.measure for rule in demo_rules())
    assert kinds == {"禁止进口": 21, "装运前检验 + 到货检验": 21, "免于装运前检验": 6}
    assert len({rule.hs_code for rule in demo_rules()}) == 48


def test_a_rule_raises_exactly_one_flag_and_its_measure_says_the_same() -> None:
    flags = {
        "禁止进口": (False, False, True),
        "装运前检验 + 到货检验": (True, False, False),
        "免于装运前检验": (False, True, False),
    }
    for rule in demo_rules():
        assert (rule.inspection_required, rule.inspection_exempt, rule.import_prohibited) == flags[rule.measure]


def test_a_rule_names_its_goods_in_both_languages() -> None:
    for rule in demo_rules():
        assert is_hs_code(rule.hs_code), rule
        assert not rule.name_zh.isascii()
        assert rule.name_en.isascii()
        assert rule.name_en.strip()


def test_a_rule_names_the_announcement_it_follows_from_and_begins_with_it() -> None:
    for rule in demo_rules():
        announcement, since = (
            ("商务部 海关总署公告2018年第106号", date(2019, 1, 1))
            if rule.import_prohibited
            else ("质检总局公告2014年第145号", date(2015, 1, 1))
        )
        assert rule.legal_basis.startswith(announcement)
        assert rule.valid_from == since
        assert rule.valid_to is None


def test_a_listing_that_is_not_official_says_so() -> None:
    for rule in demo_rules():
        assert ("示例，非官方清单" in rule.legal_basis) is not rule.import_prohibited


def test_institutions_are_filed_in_order_and_shown_mostly_as_normal() -> None:
    institutions = demo_institutions()
    assert len(institutions) >= 14
    states = Counter(institution.shown_status for institution in institutions)
    assert states.keys() == {"NORMAL", "NON_RECOGNITION", "RECTIFICATION", "REVOCATION"}
    assert states["NORMAL"] > len(institutions) / 2
    in_order = sorted(institutions, key=lambda institution: institution.filing_number)
    assert [one.filed_at for one in in_order] == sorted(one.filed_at for one in institutions)
    for institution in institutions:
        assert is_filing_number(institution.filing_number)
        assert institution.filing_number[3:7] == str(institution.filed_at.year)
        assert institution.filed_at < TODAY
        assert (institution.shown_status == "NORMAL") is (institution.note == "")


def test_filing_numbers_count_without_gaps_within_a_year() -> None:
    counters = Counter(institution.filing_number[:7] for institution in demo_institutions())
    expected = {f"{year}{number:03}" for year, count in counters.items() for number in range(1, count + 1)}
    assert {institution.filing_number for institution in demo_institutions()} == expected


def test_enterprises_have_credit_codes_that_check() -> None:
    assert len(demo_enterprises()) >= 12
    for enterprise in demo_enterprises():
        assert uscc.validate(enterprise.credit_code) == enterprise.credit_code
        assert is_uscc(enterprise.credit_code)


def test_telephones_could_be_dialled() -> None:
    phones = [
        *(institution.contact_phone for institution in (*demo_institutions(), *demo_applicants())),
        *(enterprise.contact_phone for enterprise in demo_enterprises()),
        *(office.phone for office in demo_customs()),
    ]
    for phone in phones:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN")), phone
        assert is_phone(phone), phone
    assert all(institution.contact_phone.startswith("+") for institution in demo_institutions())


def test_everybody_can_be_reached_by_sms() -> None:
    mobiles = [
        *(institution.contact_mobile for institution in (*demo_institutions(), *demo_applicants())),
        *(enterprise.contact_mobile for enterprise in demo_enterprises()),
        *(office.mobile for office in demo_customs()),
    ]
    assert all(map(is_mobile, mobiles)), mobiles


def test_an_institution_is_reached_in_its_own_country() -> None:
    for institution in (*demo_institutions(), *demo_applicants()):
        for phone in (institution.contact_phone, institution.contact_mobile):
            assert phonenumbers.region_code_for_number(phonenumbers.parse(phone)) == institution.country


def test_mail_to_the_demo_world_reaches_nobody() -> None:
    addresses = [
        *(institution.contact_email for institution in (*demo_institutions(), *demo_applicants())),
        *(enterprise.contact_email for enterprise in demo_enterprises()),
        *(office.email for office in demo_customs()),
    ]
    assert len(set(addresses)) == len(addresses)
    for address in addresses:
        assert validate_email(address, check_deliverability=False).domain.endswith(".example")
        assert is_email(address)


def test_every_code_that_the_demo_uses_exists() -> None:
    used = {
        *(("COUNTRY", institution.country) for institution in (*demo_institutions(), *demo_applicants())),
        *(("LEGAL_FORM", institution.legal_form) for institution in (*demo_institutions(), *demo_applicants())),
        *(("COUNTRY", place.country) for place in demo_places()),
        *(("DESTINATION", enterprise.destination) for enterprise in demo_enterprises()),
        *(("PORT", enterprise.destination_port) for enterprise in demo_enterprises()),
        *(("CUSTOMS_DISTRICT", enterprise.destination_customs) for enterprise in demo_enterprises()),
        *(("CUSTOMS_DISTRICT", enterprise.entry_customs) for enterprise in demo_enterprises()),
        *(("PRODUCT_USE", enterprise.product_use) for enterprise in demo_enterprises()),
        *(("CUSTOMS_DISTRICT", office.district) for office in demo_customs()),
        *(("UNIT", goods.unit) for goods in demo_goods()),
    }
    assert used - CODES == set()


def test_goods_follow_a_rule_and_none_is_prohibited() -> None:
    rules = {rule.hs_code: rule for rule in demo_rules()}
    assert len(demo_goods()) >= 60
    for goods in demo_goods():
        assert not rules[goods.hs_code].import_prohibited
        assert 0 < goods.unit_price_usd_min < goods.unit_price_usd_max
        assert goods.product_name.startswith("旧")
        assert goods.model
        assert goods.brand


def test_every_rule_that_lets_goods_in_has_goods() -> None:
    let_in = {rule.hs_code for rule in demo_rules() if not rule.import_prohibited}
    assert {goods.hs_code for goods in demo_goods()} == let_in


def test_every_organisation_has_an_administrator_and_the_first_have_colleagues() -> None:
    users = demo_users()
    organisations = {
        *(institution.key for institution in (*demo_institutions(), *demo_applicants())),
        *(enterprise.key for enterprise in demo_enterprises()),
        *(office.key for office in demo_customs()),
    }
    assert {user.organisation for user in users} == organisations
    assert {user.organisation for user in users if user.role == "ADMIN"} == organisations
    staff = Counter(user.organisation for user in users)
    assert all(staff[key] >= 2 for key in ("E01", "E02", "I01", "I02", "C01"))


def test_only_customs_has_reviewers() -> None:
    assert {user.role for user in demo_users()} == {"ADMIN", "OPERATOR", "VIEWER", "REVIEWER"}
    assert {user.organisation[0] for user in demo_users() if user.role == "REVIEWER"} == {"C"}


@pytest.mark.parametrize("username", ["enterprise", "institution", "customs", "sally123", "shangjian"])
def test_the_accounts_to_remember_exist(username: str) -> None:
    assert username in {user.username for user in demo_users()}


def test_user_names_are_unique_lower_case_and_speak_one_of_two_languages() -> None:
    names = [user.username for user in demo_users()]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name == name.lower() for name in names)
    assert {user.language for user in demo_users()} == {"zh-CN", "en"}


def test_there_are_enough_consignees_places_and_sentences_for_a_varied_demo() -> None:
    assert len(set(demo_consignees())) == len(demo_consignees()) >= 30
    assert len({place.place for place in demo_places()}) == len(demo_places()) >= 25
    for texts in (demo_remarks(), demo_return_reasons()):
        assert Counter(text.language for text in texts).keys() == {"zh-CN", "en"}
        assert all(text.text.isascii() is (text.language == "en") for text in texts)


def test_goods_wait_abroad() -> None:
    assert "CN" not in {place.country for place in demo_places()}


def test_a_dozen_regulations_are_in_both_languages_and_say_that_they_are_summaries() -> None:
    found = list(regulations())
    assert len({each.title_zh for each in found}) == 12
    assert all(each.title_en and each.body_en for each in found)
    assert all(each.published_on is not None and each.published_on < TODAY.date() for each in found)
    assert all("演示摘要" in (each.body_zh or "") for each in found)
    assert "质检总局公告2014年第145号" in {each.document_number for each in found}


def test_there_are_notices_for_every_audience_and_one_is_pinned() -> None:
    found = list(notices())
    assert {each.audience for each, _, _ in found} == set(NoticeAudience)
    assert [is_pinned for _, _, is_pinned in found].count(True) == 1
    assert all(each.title_en and each.body_en for each, _, _ in found)
