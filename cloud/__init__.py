"""The one place that reaches a cloud: the provider, the policy pack, the program and the commands all come through here."""
