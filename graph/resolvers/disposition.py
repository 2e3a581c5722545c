"""Which question answers which field of a disposition, and what an institution's dispositions come to on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.attachment import Attachment
from domain.disposition.record import (
    Disposition,
    DispositionSubmission,
    DispositionType,
)
from domain.disposition.standing import recognition as recognition_on
from domain.institution import Institution
from domain.party import OrganisationKind
from domain.record import says
from graph.context import Info
from graph.publish import publish
from graph.relation import related
from graph.resolvers.attachment import files
from graph.resolvers.institution import institution_named
from graph.resolvers.supervision import files_sent_with
from storage.disposition import (
    REVIEWED,
    SUBMITTED,
    dispositions_of_institutions,
    dispositions_seen_of,
    entries_of,
)

institution = institution_named("装运前检验机构. The institution disciplined.")


attachments = files(
    "整改材料. Its files in the order of uploading; those not sent with a submission yet for "
    "the institution alone. At most 50."
)


submissions = related(
    SUBMITTED, "id", name="submissions", words="整改材料提交记录. What the institution submitted, the earliest first."
)


reviews = related(
    REVIEWED, "id", name="reviews", words="整改审核记录. How customs decided on each submission, the earliest first."
)


async def submission_attachments(root: strawberry.Parent[DispositionSubmission], info: Info) -> list[Attachment]:
    """随附材料. The files that were sent with it."""
    return await files_sent_with(info.context, root.disposition_id, root.id)


async def institution_dispositions(root: strawberry.Parent[Institution], info: Info) -> list[Disposition] | None:
    """处置. All its dispositions, the latest first; for customs and the institution itself, null for others."""
    viewer = info.context.viewer
    if viewer.kind is not OrganisationKind.CUSTOMS and viewer.institution_id != root.id:
        return None

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, tuple[Disposition, ...]]:
        return await dispositions_seen_of(connection, viewer, ids)

    return list(await info.context.loading.load(seen, root.id, name=dispositions_seen_of) or ())


@dataclass(frozen=True, kw_only=True)
class RecognitionReason:
    """A disposition that restricted the institution on the day: as much of it as is public."""

    type: Annotated[DispositionType, says("处置类型", "What it does to the institution.")]
    starts_on: Annotated[date, says("处置开始日期", "First day.")]
    ends_on: Annotated[date | None, says("处置到期时间", "Last day, where it has one from the beginning.")]


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """How an institution stood at the end of a day (China standard time)."""

    on: Annotated[date, says("日期", "The day asked about.")]
    was_registered: Annotated[bool, says("是否列入名录", "Whether its filing had been accepted by then.")]
    recognised: Annotated[bool, says("是否予以认可", "Whether it was in the registry and its results were recognised.")]
    may_be_commissioned: Annotated[
        bool, says("可否委托", "Whether it was in the registry and under no disposition, a rectification included.")
    ]
    reasons: Annotated[tuple[RecognitionReason, ...], says("原因", "The dispositions that restricted it that day.")]


publish(RecognitionReason, node=False)
publish(Recognition, node=False)


async def recognition(
    root: strawberry.Parent[Institution],
    info: Info,
    on: Annotated[
        date | None, strawberry.argument(description="The day (China standard time); absent for today.")
    ] = None,
) -> Recognition:
    """认可情况. Whether its results were recognised on a day, and why not, by what is known of its dispositions now; a
    day to come is answered as if nothing further happened."""
    day = on or info.context.today
    entered = await info.context.loading.load(entries_of, root.id) or ()
    known = await info.context.loading.load(dispositions_of_institutions, root.id) or ()
    found = recognition_on(day, entered, known)
    return Recognition(
        on=day,
        was_registered=found.was_registered,
        recognised=found.recognised,
        may_be_commissioned=found.may_be_commissioned,
        reasons=tuple(
            RecognitionReason(type=each.type, starts_on=each.starts_on, ends_on=each.ends_on) for each in found.against
        ),
    )
