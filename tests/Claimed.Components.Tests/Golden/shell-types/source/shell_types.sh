#!/bin/sh
# Front matter says what the shell cannot.
# claimed: name=Typed Shell
# number of copies
copies="${copies:-2}"
# share to keep
share="${share:-0.5}"
# say more
verbose="${verbose:-false}"
# claimed: input letter: Artifact - the letter
cat "${letter:?the letter}"
