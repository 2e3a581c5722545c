"""The gate before every comparison of what proves who somebody is: captcha, limits, and a bounded queue.

Comparing a password is dear, so it comes last, and for few. All that is asked before is asked alike of user names that
nobody has: an answer tells neither by its words nor by its work whether an account exists. (decision 0019)
"""

import secrets
from asyncio import gather
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import structlog

from domain.captcha import PICTURE, Demand, Difficulty, KeptCaptcha, captcha_required, captcha_wrong, more_is_asked
from domain.refusal import Refusal
from domain.session import SignInMethod, sign_in_failed
from domain.sign_in_attempt import SignInOutcome
from domain.throttle import limit, milliseconds, too_busy, too_many_attempts
from domain.totp import second_factor_wrong
from graph.reception.address import UNKNOWN, shortened
from graph.settings import Settings
from identity import captcha as captchas
from identity.password import COMPARED_AT_ONCE
from identity.turns import AllBusy, Turns
from storage.captcha import consume, keep, sweep_captchas
from storage.device import is_known, remember_device, sweep_devices
from storage.perform import Door, Transaction
from storage.question import Together
from storage.second_factor import sweep_waiting
from storage.session_token import hash_of_token, new_token
from storage.sign_in_attempt import note
from storage.throttle import Counter, count, levels, sweep_counters, take, wait_for
from storage.writing import Writing

SWEPT_EVERY: Final = 100
"""After so many captchas opened or failures counted in this process what is in excess is dropped at once."""

ANSWERS_LENGTH_MAX: Final = 512
"""Characters of a token or an id; ours have far fewer."""

Refusals = tuple[Refusal, ...]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Somebody at `address` who says to be the user `name`; `account_id` where there is such an account."""

    name: str
    address: str
    account_id: UUID | None = None
    device_token: str | None = None
    method: SignInMethod = SignInMethod.PASSWORD
    captcha_id: UUID | None = None
    captcha_text: str | None = None
    captcha_proof: str | None = None
    is_beyond_guessing: bool = False
    """Whether what is compared is long enough that no number of tries finds it: then none at its account holds up."""

    @property
    def device_hash(self) -> str | None:
        token = self.device_token
        return hash_of_token(token) if token and len(token) <= ANSWERS_LENGTH_MAX else None


@dataclass(frozen=True)
class Weighed:
    """How a claim stands by the counters: what it must bring, whether it has to wait, and where a failure counts."""

    is_known: bool
    """Whether the account has signed in at this device before, and the device has not failed too often since."""
    demand: Demand
    wait: Refusal | None
    counts: tuple[Counter, ...]
    counts_of_captchas: tuple[Counter, ...]
    """Where a wrong captcha counts: not at the account, of which nothing was tried."""


@dataclass(frozen=True)
class OpenedCaptcha:
    """A captcha just opened, with the picture of its text where that would be enough."""

    kept: KeptCaptcha
    image: str | None


@dataclass(frozen=True)
class LetIn:
    """What becomes of a claim that was proved."""

    device_token: str
    """By which the device will be known."""
    is_from_elsewhere: bool
    """Whether neither the device nor the network has signed in to this account before, though others have."""
    write: Callable[[Writing], None]
    """Writes that down, and that somebody was let in."""


class Gate:
    """One instance a process; the counters are everybody's."""

    def __init__(self, settings: Settings, door: Door) -> None:
        self._settings, self._door = settings, door
        self._is_guarded = settings.captcha == "on"
        self._secret = settings.secret_key.encode() or secrets.token_bytes(captchas.SECRET_BYTES)
        if self._is_guarded and not settings.secret_key:
            log.warning("secret_key_made_up", meaning="captchas opened in one process are worth nothing in another")
        self._difficulty = Difficulty(
            settings.captcha_difficulty, max(settings.captcha_difficulty, settings.captcha_difficulty_max)
        )
        self._of_address = (
            limit("address", settings.failures_per_address),
            limit("address_daily", settings.failures_per_address_daily),
        )
        # Counted up to twice as many, between which the work that is asked for rises.
        self._of_account = limit("account", settings.failures_per_account, counted_times=2)
        self._of_unguarded_account = limit("account_unguarded", settings.failures_per_account_unguarded)
        self._of_device = limit("device", settings.failures_per_device)
        self._of_codes = limit("wrong_codes", settings.wrong_codes_per_account)
        self._of_captchas = limit("captchas", settings.captchas_per_address)
        self._comparing = Turns(COMPARED_AT_ONCE, settings.sign_ins_waiting_max)
        self._drawing = Turns(captchas.DRAWN_AT_ONCE, captchas.WAITING_MAX)
        self._since_swept = 0

    # ── Captchas ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def open_captcha(self, claim: Claim) -> OpenedCaptcha | Refusals:
        """A captcha for this claim, whose name may be empty; or why there is none."""
        now, counter = self._door.clock(), Counter(self._of_captchas, claim.address)
        async with self._door.database.reading() as connection:
            standing = await levels(connection, [counter])
        if refused := too_many_attempts([self._of_captchas.wait_ms(standing[counter], milliseconds(now))]):
            return (refused,)
        weighed = await self.weigh(Together(self._door.database), claim)
        image, text = None, captchas.new_text()
        if weighed.demand.picture_is_enough:
            try:
                async with self._drawing.turn():
                    image = await captchas.drawn(text)
            except AllBusy:
                return (too_busy(),)
        kept = self._kept(claim, weighed, text, now)

        async def work(transaction: Transaction) -> int:
            wait = await take(transaction.connection, counter, milliseconds(now))
            if not wait:
                await keep(transaction.connection, kept)
            return wait

        if refused := too_many_attempts([await self._door.together(work)]):
            return (refused,)
        await self._sweep_now_and_then()
        return OpenedCaptcha(kept, image)

    def _kept(self, claim: Claim, weighed: Weighed, text: str, now: datetime) -> KeptCaptcha:
        # Random to the last bit: whoever could guess an id could use up what somebody else is reading.
        captcha_id = uuid4()
        picture_is_enough = weighed.demand.picture_is_enough
        return KeptCaptcha(
            id=captcha_id,
            name_hash=self._sealed_name(claim.name) if claim.name else None,
            device_hash=claim.device_hash if weighed.is_known else None,
            text_hash=captchas.sealed_text(self._secret, captcha_id.hex, text) if picture_is_enough else None,
            prefix=captchas.new_prefix(),
            difficulty=weighed.demand.difficulty,
            expires_at=now + self._settings.captcha_lasts,
        )

    async def _shown(self, claim: Claim, weighed: Weighed) -> int | Refusals:
        """How many bits of work the claim's captcha has shown; it is used up whatever comes of it."""
        if claim.captcha_id is None:
            return (captcha_required(),)
        if claim.captcha_text is None and claim.captcha_proof is None:
            return (captcha_required("captcha_text"),)
        async with self._door.database.writing() as connection:
            kept = await consume(connection, claim.captcha_id)
        if kept is None or not self._is_for(kept, claim):
            await self._count(weighed.counts_of_captchas)
            return (captcha_wrong("captcha_id"),)
        bits = captchas.bits_shown(self._secret, kept, claim.captcha_text, claim.captcha_proof)
        if bits is None:
            await self._count(weighed.counts_of_captchas)
            return (captcha_wrong("captcha_text" if claim.captcha_proof is None else "captcha_proof"),)
        return bits

    def _is_for(self, kept: KeptCaptcha, claim: Claim) -> bool:
        return (
            kept.expires_at > self._door.clock()
            and kept.name_hash in (None, self._sealed_name(claim.name))
            and kept.device_hash in (None, claim.device_hash)
        )

    def _sealed_name(self, name: str) -> str:
        return captchas.sealed(self._secret, "name", name)

    async def hands_out(self, address: str) -> Refusals:
        """Why no challenge is handed out to somebody at this address; empty where one may be, which counts."""
        counter, now = Counter(self._of_captchas, f"challenge {address}"), self._door.clock()

        async def work(transaction: Transaction) -> int:
            return await take(transaction.connection, counter, milliseconds(now))

        refused = too_many_attempts([await self._door.together(work)])
        return (refused,) if refused else ()

    # ── Attempts ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def passes(
        self,
        claim: Claim,
        compare: Callable[[], Awaitable[bool]],
        *,
        weighed: Weighed | None = None,
        otherwise: Callable[[], Refusal] = sign_in_failed,
    ) -> Refusals:
        """Why the claim is not believed; empty where it is proved. `compare` is called once at most, and for few;
        `weighed` is what `weigh` has just found, `otherwise` the answer where the claim is found wrong."""
        weighed = weighed or await self.weigh(Together(self._door.database), claim)
        if weighed.wait is not None:
            return (weighed.wait,)
        if self._comparing.are_taken(is_reserved_for=weighed.is_known):
            return (too_busy(),)
        bits, asks = PICTURE, self._is_guarded and claim.method is SignInMethod.PASSWORD
        if asks:
            shown = await self._shown(claim, weighed)
            if not isinstance(shown, int):
                return shown
            bits = shown
        try:
            async with self._comparing.turn(is_reserved_for=weighed.is_known):
                # Many may have failed while this one waited.
                weighed = await self.weigh(Together(self._door.database), claim)
                if weighed.wait is not None:
                    return (weighed.wait,)
                if asks and not weighed.demand.is_met_by(bits):
                    return (more_is_asked(),)
                if await compare():
                    return ()
                await self._count(weighed.counts, claim)
        except AllBusy:
            return (too_busy(),)
        return (otherwise(),)

    async def passes_code(self, account_id: UUID, claim: Claim | None, *, is_right: bool) -> Refusals:
        """Why a code beside the password is not believed; empty where it is. `claim` is None of a signed-in user.

        Unlike a password a code is short, so here an account is closed to whoever has guessed too often: none but who
        has the password gets this far. Strangers, each known device and who is signed in are counted apart.
        """
        weighed = None if claim is None else await self.weigh(Together(self._door.database), claim)
        if weighed is not None and weighed.wait is not None:
            return (weighed.wait,)
        is_known = weighed is not None and weighed.is_known
        place = "signed in" if claim is None else claim.device_hash if is_known else "strangers"
        counter = Counter(self._of_codes, f"{account_id.hex} {place}")

        async def work(transaction: Transaction) -> int:
            connection, now = transaction.connection, transaction.now
            # One after another, so that of many guesses sent at once no more are looked at than of as many in turn.
            if is_right:
                return await wait_for(connection, counter, milliseconds(now))
            wait = await take(connection, counter, milliseconds(now))
            if not wait and weighed is not None and claim is not None:
                await count(connection, weighed.counts, milliseconds(now))
                await self._note_failure(transaction, claim, account_id)
            return wait

        if refused := too_many_attempts([await self._door.together(work)]):
            return (refused,)
        return () if is_right else (second_factor_wrong(),)

    async def turns_away(self, address: str) -> Refusals:
        """Why the next wrong client of OAuth at this address has to wait; empty where it is told that it is wrong,
        which counts. Nobody guesses a client's secret, so whoever shows the right one is not asked to wait.

        Counted apart from people: a program that is set up wrongly keeps nobody beside it from signing in.
        """
        counters, now = [Counter(each, f"client {address}") for each in self._of_address], self._door.clock()
        async with self._door.database.reading() as connection:
            standing = await levels(connection, counters)
        refused = too_many_attempts(each.limit.wait_ms(standing[each], milliseconds(now)) for each in counters)
        if refused:
            return (refused,)
        await self._count(counters)
        return ()

    def let_in(
        self, claim: Claim, account_id: UUID, devices: Mapping[str, datetime], addresses: Collection[str], now: datetime
    ) -> LetIn:
        """What follows from where a user comes from who is let in, and what is written of it with the session; of the
        account it takes its devices, with when each signed in last, and its latest addresses."""
        signed_in_at = devices.get(claim.device_hash or "")
        is_own = signed_in_at is not None and signed_in_at > self._since(now)
        token = claim.device_token if is_own and claim.device_token else new_token()
        network = shortened(claim.address)

        def write(writing: Writing) -> None:
            remember_device(writing, account_id, hash_of_token(token), list(devices), now)
            note(writing, account_id, claim.method, SignInOutcome.SUCCEEDED, network, now)

        is_elsewhere = bool(addresses) and network not in map(shortened, addresses)
        return LetIn(token, not is_own and claim.address != UNKNOWN and is_elsewhere, write)

    async def _note_failure(self, transaction: Transaction, claim: Claim, account_id: UUID | None) -> None:
        """Counts an attempt that failed, of which the account's organisation will hear."""
        writing = Writing()
        note(writing, account_id, claim.method, SignInOutcome.FAILED, shortened(claim.address), transaction.now)
        await writing.put_down(transaction.connection)

    async def weigh(self, asks: Together, claim: Claim) -> Weighed:
        """How the claim stands, which depends on what it says alone and not on whether there is such an account."""
        now = self._door.clock()
        of_device = Counter(self._of_device, claim.device_hash or "")
        of_account = Counter(self._of_account if self._is_guarded else self._of_unguarded_account, claim.name)
        of_address = [Counter(each, claim.address) for each in self._of_address]
        counted = levels(asks, [*of_address, of_account, of_device])
        if claim.device_hash is None:
            standing, known = await counted, False
        else:
            knows = is_known(asks, claim.name, claim.device_hash, self._since(now))
            standing, known = await gather(counted, knows)
        at = milliseconds(now)
        waits = {counter: counter.limit.wait_ms(empty_at, at) for counter, empty_at in standing.items()}
        if known and not waits[of_device]:
            return Weighed(True, self._difficulty.demand(self._of_account, 0), None, (of_device,), (of_device,))
        asked = of_account.limit.level(standing[of_account], at) if self._is_guarded else 0
        waits_for_account = not self._is_guarded and not claim.is_beyond_guessing
        waiting = [*of_address, *([of_account] if waits_for_account else [])]
        return Weighed(
            is_known=False,
            demand=self._difficulty.demand(self._of_account, asked),
            wait=too_many_attempts(waits[each] for each in waiting),
            counts=(*of_address, of_account),
            counts_of_captchas=tuple(of_address),
        )

    async def _count(self, counters: Sequence[Counter], failed: Claim | None = None) -> None:
        """One more of each; and where a claim has failed, one attempt that its organisation will hear of."""

        async def work(transaction: Transaction) -> None:
            now = transaction.now
            await count(transaction.connection, counters, milliseconds(now))
            if failed is not None:
                await self._note_failure(transaction, failed, failed.account_id)

        await self._door.together(work)
        await self._sweep_now_and_then()

    # ── What is over ───────────────────────────────────────────────────────────────────────────────────────────────

    async def sweep(self) -> dict[str, int]:
        """Drops captchas that have expired, counters that are empty, devices that stayed away; how many of each."""

        async def work(transaction: Transaction) -> dict[str, int]:
            connection, now = transaction.connection, transaction.now
            return {
                "captchas_dropped": await sweep_captchas(connection, now),
                "counters_dropped": await sweep_counters(connection, milliseconds(now)),
                "sign_ins_dropped": await sweep_waiting(connection, now),
                "devices_forgotten": await sweep_devices(connection, self._since(now)),
            }

        return await self._door.together(work)

    async def _sweep_now_and_then(self) -> None:
        self._since_swept += 1
        if self._since_swept >= SWEPT_EVERY:
            self._since_swept = 0
            await self.sweep()

    def _since(self, now: datetime) -> datetime:
        return now - self._settings.device_lasts
