"""A provider to practise with: SMS as Twilio speaks it, webhooks and Web Push, in one small server.

For development, demos and tests; the standard library only, and nothing of the product. It takes messages,
writes each to a ledger before it answers, and sends signed receipts and replies back, all as badly as asked.

    python -m simulator --port 8090 --ledger ledger.jsonl --seed 1 \\
        --account ACsimulated --token secret --reply-url http://localhost:8000/hooks/sms/reply/

POST /2010-04-01/Accounts/{account}/Messages.json    an SMS
POST /webhook/...   POST /push/...                   anything, kept with its headers
PUT  /control       change how it behaves, from now on: JSON, see faults.Faults for every name
GET  /control       how it behaves
POST /reply         {"from": "+1...", "body": "..."}: somebody answers; what our side said to that
GET  /ledger        every message, one JSON object a line
"""
