"""The condition language of rules, plan, cards and questions, in Python and JavaScript. May import: nothing."""
