"""From a section of what the operator wrote to an account or a carrier at run time."""

from gateway.finance.accounts import schedule
from gateway.flow.access import Access
from gateway.flow.account import Account
from gateway.flow.carrier import Carrier, CarrierBind, InDoubt
from gateway.flow.carrier_ids import IdForm
from gateway.flow.deliver import ReceiptFormat, ReceiptStyle
from gateway.flow.opt_out import OptOutList
from gateway.flow.reasons import Reasons
from gateway.flow.repeats import Repeats
from gateway.flow.retry import ErrorTable, Steps
from gateway.lookups import check_policy
from gateway.model.deciding import OUTCOME
from gateway.routing.owners import Owners
from gateway.settings.customers import CustomerSettings, RepeatSettings
from gateway.settings.models import Settings
from gateway.settings.receipts import CustomerReceiptSettings
from gateway.smpp.tlv import Tag
from gateway.throttle.above import Above


def owners_of(settings: Settings) -> Owners:
    """Whose numbers phones write to."""
    numbers = {number: name for name, customer in settings.customers.items() for number in customer.numbers}
    return Owners(numbers, settings.numbers.country_code, settings.numbers.trunk_prefix)


def account_of(whole: Settings, name: str, now: float, wall_ms: int) -> Account:
    """A customer at run time, without what it may spend. `now` is monotonic seconds, `wall_ms` ms since 1970."""
    settings = whole.customers[name]
    throttle, out = settings.throttle, settings.opt_out
    return Account(
        name=name,
        system_id=settings.system_id.encode("ascii"),
        access=_access(settings),
        schedule=schedule(whole, settings),
        tax_percent=whole.billing.tax_percent,
        test=settings.test,
        reading=settings.reading.reading(),
        max_binds=settings.max_binds,
        window=settings.window,
        sends_incomplete=settings.incomplete == "send",
        joins_parts=settings.join_parts,
        receipt_window=settings.receipt_window,
        receipts=_receipt_style(settings.receipts),
        decide=OUTCOME[settings.receipts.decides],
        recipient_check=check_policy(settings.recipient_check, whole.vocabulary()),
        kind=settings.message_kind or "",
        kind_tag=_tag(whole, whole.routing.kind_tlv),
        carrier_tag=_tag(whole, whole.portability.customer_tlv) if settings.may_name_carrier else None,
        bucket=None if throttle is None else throttle.bucket(now),
        above=Above.THROTTLED if throttle is None else throttle.choice(),
        quota=None if settings.quota is None else settings.quota.quota(wall_ms),
        quota_above=None if settings.quota is None else settings.quota.choice(),
        calendar=None if settings.sending_hours is None else settings.sending_hours.calendar(),
        opt_out=None if out is None else OptOutList(name, out.most, out.stop, out.start, out.numbers()),
        repeats=None if settings.repeats is None else _repeats(settings.repeats),
        sources=None if settings.sources is None else frozenset(one.encode("latin-1") for one in settings.sources),
    )


def _receipt_style(settings: CustomerReceiptSettings) -> ReceiptStyle:
    return ReceiptStyle(
        format=ReceiptFormat(settings.format),
        intermediate=settings.intermediate,
        per_segment=settings.per_segment,
        decimal_ids=settings.ids == "decimal",
        utc=settings.times == "utc",
        reason_tag=settings.reason_tlv,
    )


def _tag(whole: Settings, name: str | None) -> int | None:
    return None if name is None else whole.vocabulary().tag(name)


def _repeats(settings: RepeatSettings) -> Repeats:
    tag = Tag.USER_MESSAGE_REFERENCE if settings.tlv is None else settings.tlv
    return Repeats(tag, settings.window_hours * 3600, settings.most)


def _access(settings: CustomerSettings) -> Access:
    names = settings.certificate_names
    return Access(
        passwords=tuple(one.reveal().encode("ascii") for one in settings.secrets() if not one.hashed),
        hashes=tuple(one.reveal() for one in settings.secrets() if one.hashed),
        allow_from=settings.allow_from,
        certificate_names=None if names is None else frozenset(names),
    )


def carrier_of(whole: Settings, key: str, now: float) -> Carrier:
    """A carrier at run time, with nothing in its lanes."""
    settings, learns = whole.carriers[key], whole.portability.learned is not None
    binds = [
        CarrierBind(
            f"{key}-{place}-{copy}",
            settings.session.window,
            None if settings.pace.each_bind is None else settings.pace.each_bind.bucket(now),
        )
        for place, bind in enumerate(settings.binds)
        for copy in range(bind.count)
    ]
    return Carrier(
        key,
        settings.text.rule(),
        settings.pace.pace(now),
        binds,
        destination=(settings.destination.ton, settings.destination.npi),
        id_in_response=IdForm(settings.receipts.id_in_response),
        id_in_receipt=IdForm(settings.receipts.id_in_receipt),
        elsewhere=settings.errors.leads_elsewhere(),
        not_mine=frozenset(settings.errors.not_mine if learns else ()),
        network_tag=(settings.receipts.network_tag or 0) if learns else 0,
        networks={name.encode("latin-1"): one for name, one in settings.receipts.networks.items()},
        not_mine_errors=frozenset(one.encode("latin-1") for one in settings.errors.not_mine_errors if learns),
        errors=ErrorTable.of(
            settings.errors.temporary, [(one.status, one.means, one.reason) for one in settings.errors.rows]
        ),
        steps=Steps(*settings.retry.steps()),
        tries_seconds=settings.retry.carrier_tries_hours * 3600,
        pause_seconds=settings.errors.pause_seconds,
        in_doubt=InDoubt(settings.in_doubt),
        validity_seconds=settings.validity_hours * 3600,
        receipt_margin_seconds=settings.receipt_margin_hours * 3600,
        in_doubt_wait_seconds=settings.in_doubt_wait_seconds,
        silence_is_unknown=settings.without_receipt == "unknown",
        send_without_receiver=settings.send_without_receiver,
        reasons=Reasons(settings.errors.reasons.err, settings.errors.reasons.network, settings.errors.reasons.status),
    )
