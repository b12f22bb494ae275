"""Simulates a provider for SMS and calls (Twilio's API), webhooks and Web Push, in one small server.

For development, demos and tests; it uses only the standard library and nothing of the product. It takes
messages, writes each to a ledger before it answers, and sends signed receipts and replies back. It can be told
to fail in many ways.

    python -m simulator --port 8090 --ledger ledger.jsonl --seed 1 \\
        --account ACsimulated --token secret --reply-url http://localhost:8000/hooks/sms/reply/

POST /2010-04-01/Accounts/{account}/Messages.json    an SMS
POST /2010-04-01/Accounts/{account}/Calls.json       a call, kept until somebody picks up
POST /pick-up        {"id": ..., "keys": ["1"], "answered_by": "human"}: play the called person; or "ends": "busy"
POST /webhook/...   POST /push/...                   anything, kept with its headers
PUT  /control       change its faults from now on: JSON, faults.Faults has every name
GET  /control       its faults now
POST /reply         {"from": "+1...", "body": "..."}: send a person's reply; answers what our side returned
GET  /ledger        every message, one JSON object on each line
"""
