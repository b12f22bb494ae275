"""How a person proves who they are, and what a session is good for. May import: reaching, selectors."""
