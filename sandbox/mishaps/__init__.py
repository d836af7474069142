"""What goes wrong on request: the failures of real clouds, each at the call that a user chooses.

A `Fault` (sandbox/faults.py) is how a cloud refuses; a mishap is what somebody asked to happen.
"""
