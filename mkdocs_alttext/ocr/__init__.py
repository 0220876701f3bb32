"""The embedded service: the text in a picture, read on this machine.

It uses nothing but the service protocol, as a third party's service does.
"""
