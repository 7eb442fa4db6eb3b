"""The status page, and the operator's verbs over HTTP."""
