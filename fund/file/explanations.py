"""What the member's file says, in the member's language. No database: what is explained comes in, a text goes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from stdnum import iban
from stdnum.be import ogm_vcs

from fund.file.account import ZERO, Account, QuarterState, state_of
from fund.file.errors import FileDisagrees
from fund.file.models import AccountManager, Contribution, ContributionLine, Member, Notice, Payment
from fund.file.recalculation import Recalculation
from fund.formats import format_date, format_money, format_number, format_percent, format_quarter
from fund.law.parameters import NotKnown, Reference, Value, references
from fund.phrases import LANGUAGES, Say

_OF_THE_NOTICE = ("basis", "rate_part", "minimum", "reduction", "fee")


class Explanation(NamedTuple):
    """A text for the member and the sources of what it says about the law."""

    text: str
    sources: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Voice:
    """Phrases of one language and form of address, and that language's way of writing amounts and dates."""

    say: Say
    language: str

    def __call__(self, key: str, **values: object) -> str:
        return self.say(f"file.{key}", **{name: self.write(value) for name, value in values.items()})

    def write(self, value: object) -> object:
        """Amounts and dates written out; a text or a number stays as it is."""
        if isinstance(value, Decimal):
            return format_money(value, self.language)
        if isinstance(value, date):
            return format_date(value, self.language)
        return value

    def quarter(self, quarter: str) -> str:
        """ "2026Q3" → "derde kwartaal 2026"."""
        return format_quarter(quarter, self.language)

    def percent(self, rate: Decimal) -> str:
        """3.9500 → "3,95 %"."""
        return format_percent(_plain(rate), self.language)


def explain_balance(
    account: Account,
    *,
    member: Member,
    voice: Voice,
    on: date,
    as_of: date,
    late_rate: Value | NotKnown,
    quarter: str | None = None,
) -> Explanation:
    """What the member owes on the day `on`, per open quarter, and where the last payment went.

    `quarter` is the one the member asked about, if any. `late_rate` is the increase of a quarter, which is mentioned
    when something is overdue.
    """
    overdue = account.overdue(on)
    parts = [_asked_quarter(account, quarter, voice), _balance_head(account, overdue, voice)]
    if len(account.open_quarters) > 1:
        lines = [_balance_line(state, on=on, voice=voice) for state in account.open_quarters]
        parts.append(_listed(voice("balance_list"), lines))
    sources: tuple[Reference, ...] = ()
    if overdue and isinstance(late_rate, Value):
        parts.append(voice("balance_goes_on", rate=voice.percent(late_rate.value)))
        sources = references([late_rate])
    elif account.open and member.direct_debit:
        parts.append(voice("balance_direct_debit"))
    if account.credit:
        parts.append(voice("balance_credit", amount=account.credit))
    if account.quarters or account.last_payment:
        parts.append(_last_payment(account.last_payment, voice))
    return Explanation(_text([*parts, voice("as_of", date=as_of)]), sources)


def _asked_quarter(account: Account, quarter: str | None, voice: Voice) -> str | None:
    """What to say first about a quarter that the member named, unless the rest says it anyway."""
    if quarter is None:
        return None
    state = account.quarter(quarter)
    if state is None:
        return voice("balance_quarter_none", quarter=voice.quarter(quarter))
    return None if state.open else voice("balance_quarter_paid", quarter=voice.quarter(quarter))


def _balance_head(account: Account, overdue: Sequence[QuarterState], voice: Voice) -> str:
    if not account.quarters:
        return voice("balance_empty")
    if not account.open_quarters:
        return voice("balance_nothing")
    if len(account.open_quarters) == 1:
        state = account.open_quarters[0]
        said = [
            voice("balance_one", amount=state.open, quarter=voice.quarter(state.quarter)),
            voice("balance_was_due" if overdue else "balance_due", due=state.due_on),
        ]
        if state.regularised_in:
            said.append(voice("balance_supplement", year=state.regularised_in))
        elif state.paid:
            said.append(voice("balance_part_paid", charged=state.charged, paid=state.paid))
        if state.increases:
            said.append(voice("balance_increases", increases=state.increases))
        return " ".join(said)
    said = [voice("balance_many", amount=account.open)]
    if overdue:
        oldest = min(state.due_on for state in overdue)
        late = sum((state.open for state in overdue), ZERO)
        if late == account.open:
            said.append(voice("balance_all_overdue", due=oldest))
        else:
            said.append(voice("balance_part_overdue", amount=late, due=oldest))
    increases = sum((state.increases for state in account.open_quarters), ZERO)
    if increases:
        said.append(voice("balance_increases", increases=increases))
    return " ".join(said)


def _balance_line(state: QuarterState, *, on: date, voice: Voice) -> str:
    key = "balance_line_overdue" if state.is_overdue(on) else "balance_line"
    notes = []
    if state.regularised_in:
        notes.append(voice("balance_line_supplement", year=state.regularised_in))
    elif state.paid:
        notes.append(voice("balance_line_part_paid", charged=state.charged, paid=state.paid))
    if state.increases:
        notes.append(voice("balance_line_increases", increases=state.increases))
    said = voice(key, quarter=voice.quarter(state.quarter), amount=state.open, due=state.due_on)
    return f"{said} ({'; '.join(notes)})" if notes else said


def _last_payment(payment: Payment | None, voice: Voice) -> str:
    if payment is None:
        return voice("payment_none")
    told = {"amount": payment.amount, "date": payment.received_on}
    used = sorted(payment.allocations, key=lambda allocation: allocation.contribution.quarter)
    left = payment.amount - sum((allocation.amount for allocation in used), ZERO)
    if not used:
        return voice("payment_last_unused", **told)
    if len(used) == 1 and not left:
        return voice("payment_last_one", **told, quarter=voice.quarter(used[0].contribution.quarter))
    lines = [
        voice("payment_line", quarter=voice.quarter(allocation.contribution.quarter), amount=allocation.amount)
        for allocation in used
    ]
    if left:
        lines.append(voice("payment_line_unused", amount=left))
    return _listed(voice("payment_last", **told), lines)


def explain_notice(
    notice: Notice, *, account: Account, member: Member, voice: Voice, on: date, as_of: date
) -> Explanation:
    """A notice line by line, what came after it, and how to pay what is still open.

    Raises FileDisagrees when the lines of the file do not make the amount of the notice.
    """
    contribution = notice.contribution
    state = state_of(contribution)
    lines = [line for line in contribution.lines if line.kind in _OF_THE_NOTICE]
    later = [line for line in contribution.lines if line.kind not in _OF_THE_NOTICE]
    if sum((line.amount for line in lines), ZERO) != notice.amount:
        raise FileDisagrees(f"notice {notice.id} asks another amount than its lines make")
    quarter = voice.quarter(notice.quarter)
    head = [voice("notice_head", quarter=quarter, amount=notice.amount, issued=notice.issued_on)]
    if state.open:
        head.append(voice("notice_was_due" if notice.due_on < on else "notice_due", due=notice.due_on))
        if not later:  # what came after the notice has to be read before what is open makes sense
            head.append(_still_open(state, voice))
    else:
        head.append(_paid(state, notice, later, voice))
        head.append(voice("notice_was_due" if notice.due_on < on else "notice_is_due", due=notice.due_on))
    parts = [
        " ".join(head),
        _listed(
            voice("notice_lines"),
            [
                *(explain_line(line, contribution=contribution, voice=voice) for line in lines),
                voice("line_total", amount=notice.amount),
            ],
        ),
    ]
    if later:
        parts.append(
            _listed(
                voice("notice_after"), (explain_line(line, contribution=contribution, voice=voice) for line in later)
            )
        )
        if state.open:
            parts.append(_still_open(state, voice))
    parts.append(_how_to_pay(notice, state=state, member=member, voice=voice, on=on))
    elsewhere = account.open - state.open
    if elsewhere:
        parts.append(voice("notice_earlier", amount=elsewhere))
    return Explanation(_text([*parts, voice("as_of", date=as_of)]))


def _paid(state: QuarterState, notice: Notice, later: Sequence[ContributionLine], voice: Voice) -> str:
    if not later:
        return voice("notice_paid")
    if state.charged > notice.amount:
        return " ".join([voice("notice_paid"), voice("notice_paid_too")])
    return voice("notice_nothing_left")


def _still_open(state: QuarterState, voice: Voice) -> str:
    if state.paid:
        return voice("notice_part_paid", paid=state.paid, open=state.open)
    return voice("notice_open", open=state.open)


def _how_to_pay(notice: Notice, *, state: QuarterState, member: Member, voice: Voice, on: date) -> str:
    communication = f"+++{ogm_vcs.format(notice.structured_communication)}+++"
    if not state.open:
        return voice("communication", communication=communication)
    if member.direct_debit and not state.is_overdue(on):
        return voice("pay_direct_debit", amount=state.open, communication=communication)
    account = iban.format(notice.pay_to)
    return voice("pay_transfer", amount=state.open, account=account, communication=communication)


def explain_line(line: ContributionLine, *, contribution: Contribution, voice: Voice) -> str:
    """One line of a contribution: what it is, and how its amount comes about."""
    year = int(contribution.quarter[:4])
    match line.kind:
        case "basis":
            helped = "_helped" if contribution.category == "spouse_mini" else ""
            key = contribution.basis + (helped if contribution.basis == "income_n3" else "")
            income_year = {"income_year": year - 3} if contribution.basis == "income_n3" else {}
            of_year = {} if contribution.basis in ("starter", "own_year") else {"year": year}
            return voice(f"line_basis_{key}", basis=line.basis, **of_year, **income_year)
        case "rate_part" | "fee":
            return voice(f"line_{line.kind}", rate=voice.percent(line.rate), basis=line.basis, amount=line.amount)
        case "increase":
            told = {"rate": voice.percent(line.rate), "basis": line.basis, "amount": line.amount}
            return voice(f"line_increase_{line.increase.kind}", date=line.increase.applied_on, **told)
        case "supplement":
            due = line.regularisation.due_on or contribution.due_on
            return voice("line_supplement", year=line.regularisation.year, amount=line.amount, due=due)
        case "credit":
            return voice("line_credit", year=line.regularisation.year, amount=-line.amount)
        case _:
            return voice(f"line_{line.kind}", amount=abs(line.amount))


def explain_no_notice(
    quarter: str,
    *,
    claimed: QuarterState | None,
    due: date | None,
    due_source: Value | NotKnown,
    latest: Notice | None,
    voice: Voice,
    as_of: date,
) -> Explanation:
    """There is no notice for that quarter: until when a contribution would have to be paid, and the latest notice.

    `claimed` is the contribution that stands in the file without a notice, if any; `due` the legal last day.
    """
    said = [voice("notice_none", quarter=voice.quarter(quarter))]
    sources: tuple[Reference, ...] = ()
    if claimed:
        said.append(voice("notice_none_claimed", amount=claimed.charged, due=claimed.due_on))
    elif due and isinstance(due_source, Value):
        said.append(voice("notice_none_due", due=due))
        sources = references([due_source])
    parts = [" ".join(said)]
    if latest:
        state = state_of(latest.contribution)
        previous = voice("notice_previous", quarter=voice.quarter(latest.quarter), amount=latest.amount)
        rest = voice("notice_previous_open", open=state.open) if state.open else voice("notice_previous_paid")
        parts.append(f"{previous} {rest}")
    return Explanation(_text([*parts, voice("as_of", date=as_of)]), sources)


def explain_account_manager(manager: AccountManager | None, *, voice: Voice, as_of: date) -> Explanation:
    """Who follows the member's file, and how to reach that person."""
    if manager is None:
        return Explanation(_text([voice("manager_none"), voice("as_of", date=as_of)]))
    languages = [voice(f"language_{language}") for language in LANGUAGES if language in manager.languages]
    reach = []
    if manager.telephone:
        reach.append(voice("manager_telephone", telephone=manager.telephone))
    if manager.email:
        reach.append(voice("manager_email", email=manager.email))
    said = voice("manager", name=manager.name)
    if languages:
        spoken = languages[0] if len(languages) == 1 else voice("language_and", one=languages[0], other=languages[1])
        said = " ".join([said, voice("manager_languages", languages=spoken)])
    part = _listed(said, reach) if reach else " ".join([said, voice("manager_unreachable")])
    return Explanation(_text([part, voice("as_of", date=as_of)]))


def explain_calculation(
    contribution: Contribution,
    recalculation: Recalculation | None,
    *,
    asked: str,
    voice: Voice,
    as_of: date,
) -> Explanation:
    """How the contribution of a quarter comes about, step by step by the law; from the file's own lines when the law's
    figures are not all known. `asked` is the quarter in question: another one is explained when the file lacks it."""
    year = int(contribution.quarter[:4])
    state = state_of(contribution)
    with_fee = any(line.kind == "fee" for line in contribution.lines)
    head = [] if asked == contribution.quarter else [_latest(asked, contribution, voice)]
    head.append(
        voice(
            "calculation_head" if with_fee else "calculation_head_without_fee",
            quarter=voice.quarter(contribution.quarter),
            amount=state.charged - state.increases,
        )
    )
    head.append(voice(f"calculation_{contribution.status}", year=year))
    parts: list[str | None] = [" ".join(head)]
    if recalculation:
        parts.append(_basis(contribution, recalculation, voice))
        steps = [
            voice("calculation_step", text=step.text_nl if voice.language == "nl" else step.text_fr, amount=step.amount)
            for step in recalculation.calculation.steps
        ]
        parts.append(_listed(voice("calculation_steps"), steps))
        parts.append(voice("calculation_checked", year=year))
    else:
        lines = (explain_line(line, contribution=contribution, voice=voice) for line in contribution.lines)
        parts.append(_listed(voice("calculation_not_checked", year=year), lines))
    if state.increases:
        parts.append(voice("calculation_increases", amount=state.increases))
    sources = recalculation.sources if recalculation else ()
    return Explanation(_text([*parts, voice("as_of", date=as_of)]), sources)


def explain_no_calculation(asked: str, *, voice: Voice, as_of: date) -> Explanation:
    """The file has no contribution that could be explained."""
    return Explanation(_text([voice("calculation_none", quarter=voice.quarter(asked)), voice("as_of", date=as_of)]))


def _latest(asked: str, contribution: Contribution, voice: Voice) -> str:
    return voice("calculation_latest", quarter=voice.quarter(asked), latest=voice.quarter(contribution.quarter))


def _basis(contribution: Contribution, recalculation: Recalculation, voice: Voice) -> str:
    """Where the income comes from that the calculation starts with."""
    basis, year = recalculation.basis, int(contribution.quarter[:4])
    if contribution.basis == "starter":
        return voice("calculation_basis_starter")
    if contribution.basis != "income_n3":
        return voice(f"calculation_basis_{contribution.basis}", year=year, income=basis.income.amount)
    said = voice(
        "calculation_basis_income_n3" + ("_helped" if contribution.category == "spouse_mini" else ""),
        income_year=basis.income.year,
        income=basis.income.amount,
        coefficient=format_number(_plain(basis.coefficient.value), voice.language),
        year=year,
        basis=basis.amount,
    )
    if basis.income.quarters < 4:
        return " ".join([said, voice("calculation_basis_full_year", quarters=basis.income.quarters)])
    return said


def _plain(number: Decimal) -> Decimal:
    """Without the zeros at its end that a column of the database adds: 3.9500 → 3.95, 20.0000 → 20."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _listed(head: str, lines: Iterable[str]) -> str:
    return "\n".join([head, *(f"- {line}" for line in lines)])


def _text(parts: Iterable[str | None]) -> str:
    return "\n\n".join(part for part in parts if part)
