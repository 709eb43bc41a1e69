"""How attempts are carried out: the protocol, and the browser engine."""
