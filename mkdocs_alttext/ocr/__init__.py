"""The embedded service: the text in a picture, read on this machine.

It uses nothing but the service protocol and what `services` offers to any service.
"""
