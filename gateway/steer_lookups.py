"""What a gateway that runs remembers of look-ups of a number: a verb of the socket, for `route explain`."""

from typing import TYPE_CHECKING

from gateway.ops.steering import Asked, RefusedVerb, Result, Verb

if TYPE_CHECKING:  # the command line needs none of it, and is quicker without
    from gateway.assemble import Flow

LOOKED_UP = "looked-up"
MOST_DIGITS = 15  # E.164, section 6.1


def lookup_verbs(flow: "Flow") -> dict[str, Verb]:
    """By name. Only what is remembered is told; nobody is asked, and nothing is counted."""

    def looked_up(asked: Asked) -> Result:
        number = asked.word("number")
        if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
            raise RefusedVerb("number must be E.164 digits")
        e164, network, now = number.encode("ascii"), flow.network, flow.clock.monotonic()
        answers = []
        for source in network.order:
            found = network.cache.peek(source, e164, now)
            if found is not None:
                answer, left = found
                answers.append(
                    {
                        "source": source,
                        "said": answer.said.name,
                        "carrier": answer.carrier or None,
                        "ported": answer.ported.value,
                        "as_of": answer.as_of or None,
                        "called": answer.brand or None,
                        "seconds_left": round(left),
                    }
                )
        return {"number": number, "under_way": network.lookups.under_way(e164), "answers": answers}

    return {LOOKED_UP: Verb(looked_up)}
