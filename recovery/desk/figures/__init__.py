"""Figures of patients and alerts, the people behind them, and the RTM report. May import: desk words."""
