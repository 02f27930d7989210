"""Converters from published weights to the formats of the native libraries; numpy only."""
