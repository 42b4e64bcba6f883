#!/bin/sh
# Never closed.
echo "${a:-1}
