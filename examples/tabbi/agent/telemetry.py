"""The SDK set up for this process."""

import os

import anthropic

import midwatch

midwatch.init(service="opencode", plan=os.environ.get("PLAN"), version="1.4.0")
midwatch.instrument(anthropic)
log = midwatch.get_logger("opencode")
