"""The staff's pages about being told: on-call week, escalation plan, contact methods. May import: all."""
