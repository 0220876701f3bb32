"""What was answered for a picture, kept between builds and shared by builds that run at once.

A cache maps a key (picture, language, service) to an answer, for good. It knows neither pages nor
services, and believes nothing that it reads back: every value is checked field by field.
"""
