#!/bin/sh
# Says it.
echo "${what:-hello}, ${who:?whom to greet}"
