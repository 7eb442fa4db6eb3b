"""Which command_status tells a customer which reason. One place, total (a test holds it)."""

from gateway.model.errors import Reason
from gateway.smpp.pdu import GenericNack, Pdu
from gateway.smpp.status import CommandStatus

# ESME_RMSGQFUL is what clients widely take as "later"; ESME_RSYSERR some take for good.
STATUS_OF: dict[Reason, CommandStatus] = {
    Reason.THROTTLED: CommandStatus.ESME_RTHROTTLED,
    Reason.QUEUE_FULL: CommandStatus.ESME_RMSGQFUL,
    Reason.OVERLOADED: CommandStatus.ESME_RMSGQFUL,
    Reason.QUOTA: CommandStatus.ESME_RSUBMITFAIL,
    Reason.QUOTA_THROTTLED: CommandStatus.ESME_RTHROTTLED,
    Reason.QUOTA_QUEUE_FULL: CommandStatus.ESME_RMSGQFUL,
    Reason.OPTED_OUT: CommandStatus.ESME_RPROHIBITED,
    Reason.STORE_UNAVAILABLE: CommandStatus.ESME_RMSGQFUL,
    Reason.DRAINING: CommandStatus.ESME_RMSGQFUL,
    Reason.INVALID_DESTINATION: CommandStatus.ESME_RINVDSTADR,
    Reason.NOT_MOBILE: CommandStatus.ESME_RINVDSTADR,
    Reason.NO_CREDIT: CommandStatus.ESME_RSUBMITFAIL,
    Reason.MONTHLY_CAP: CommandStatus.ESME_RSUBMITFAIL,
    Reason.NO_ROUTE: CommandStatus.ESME_RINVDSTADR,
    Reason.INVALID_SOURCE: CommandStatus.ESME_RINVSRCADR,
    Reason.EMPTY_TEXT: CommandStatus.ESME_RINVMSGLEN,
    Reason.TEXT_TOO_LONG: CommandStatus.ESME_RINVMSGLEN,
    Reason.UNKNOWN_CODING: CommandStatus.ESME_RINVDCS,
    Reason.UNDECODABLE_TEXT: CommandStatus.ESME_RINVDCS,
    Reason.MALFORMED_UDH: CommandStatus.ESME_RINVESMCLASS,
    Reason.TWO_TEXTS: CommandStatus.ESME_RINVMSGLEN,
    Reason.INVALID_CHECK_DATE: CommandStatus.ESME_RINVOPTPARAMVAL,
    Reason.UNKNOWN_NAME: CommandStatus.ESME_RINVOPTPARAMVAL,
    Reason.INVALID_SCHEDULE: CommandStatus.ESME_RINVSCHED,
    Reason.INVALID_VALIDITY: CommandStatus.ESME_RINVEXPIRY,
    Reason.DEFAULT_MESSAGE: CommandStatus.ESME_RINVDFTMSGID,
    Reason.REPLACE_FLAG: CommandStatus.ESME_RINVREPFLAG,
    Reason.REPLACE_IN_MULTI: CommandStatus.ESME_RINVSUBREP,
    Reason.DISTRIBUTION_LIST: CommandStatus.ESME_RINVDLNAME,
    Reason.ALL_DESTINATIONS_REFUSED: CommandStatus.ESME_RSUBMITFAIL,
    Reason.INVALID_MESSAGE_ID: CommandStatus.ESME_RINVMSGID,
    Reason.SERVICE_TYPE: CommandStatus.ESME_RINVSERTYP,
    Reason.UNKNOWN_TO_QUERY: CommandStatus.ESME_RQUERYFAIL,
    Reason.NOTHING_TO_CANCEL: CommandStatus.ESME_RCANCELFAIL,
    Reason.NOTHING_TO_REPLACE: CommandStatus.ESME_RREPLACEFAIL,
}


def not_offered(request: Pdu) -> GenericNack:
    """The answer to a request that the protocol knows and we do not serve."""
    return GenericNack(command_status=CommandStatus.ESME_RINVCMDID, sequence_number=request.sequence_number)
