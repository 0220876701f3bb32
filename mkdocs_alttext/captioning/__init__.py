"""One text for each distinct picture: asked for once, within limits, cleaned and judged.

A request names its picture by key and path, and has what reads it, and what reads the words around
it where a service is told these; nothing else is known of the page that asks.
Only `judging` is given more: the file's name, and the text of the page that uses an answer.

What goes wrong while a text is asked for ends as a `Failure` with a reason. An answer that must not
be published raises an `AnswerError` where it is used.
"""
