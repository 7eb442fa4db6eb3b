"""alert_notification onward: a phone can be reached again, says a carrier, to the customer whose number was named."""

from gateway.flow.account import Account
from gateway.smpp.pdu import AlertNotification


def alert(account: Account, pdu: AlertNotification) -> bool:
    """Hand it to one receiving bind; False when there is none. It has no response and is not kept."""
    bind = next((bind for bind in account.binds if bind.receives), None)
    if bind is None:
        return False
    bind.session.tell(pdu)
    return True
