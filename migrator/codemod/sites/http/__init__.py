"""Requests that programs send themselves, without the SDK: their urls, bodies and answers."""
