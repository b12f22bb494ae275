from alerts.models.alert import Alert, AlertEvent, AlertSign
from alerts.models.beat import ProcessBeat
from alerts.models.canary import CanaryRun
from alerts.models.delivery import Delivery
from alerts.models.digest import Digest
from alerts.models.epoch import Epoch, EpochCheck
from alerts.models.escalation import EscalationPolicy, EscalationPolicyChange, EscalationStep
from alerts.models.oncall import HandOverNote, OnCallChange, OnCallShift, ShiftSwap
from alerts.models.reply import SmsReply
from alerts.models.seal import Seal
from alerts.models.set_aside import SetAside
from alerts.models.webhook import DeliveryAction, WebhookEndpoint

__all__ = [
    "Alert",
    "AlertEvent",
    "AlertSign",
    "CanaryRun",
    "Delivery",
    "DeliveryAction",
    "Digest",
    "Epoch",
    "EpochCheck",
    "EscalationPolicy",
    "EscalationPolicyChange",
    "EscalationStep",
    "HandOverNote",
    "OnCallChange",
    "OnCallShift",
    "ProcessBeat",
    "Seal",
    "SetAside",
    "ShiftSwap",
    "SmsReply",
    "WebhookEndpoint",
]
