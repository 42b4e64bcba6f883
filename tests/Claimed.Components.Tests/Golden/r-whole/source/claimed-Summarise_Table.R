#!/usr/bin/env Rscript
# Summarises a table.
#
# One line for each column.
# claimed: category=Metric
# claimed: output summary: Dataset from output_summary - the lines

install.packages(c("dplyr", 'readr'), repos = "https://packages.example.org")
library(dplyr)

# the table, as "CSV"
path <- Sys.getenv("path")
rows <- as.integer(Sys.getenv("rows", 60 * 60)) # most rows
share <- as.numeric( Sys.getenv("share", unset = '0.5') ) # part of the rows
loud = as.logical(Sys.getenv("loud", "FALSE")) # say more
settings <- jsonlite::fromJSON(Sys.getenv("settings", '{"a": 1}')) # settings
pattern <- Sys.getenv("pattern", r"(\d#)") # a pattern
maybe <- Sys.getenv("maybe", NA) # may be left out
api_token <- Sys.getenv("api_token") # for the service
output_summary <- Sys.getenv("output_summary", "summary.csv")
text <- "a string
of # two lines: Sys.getenv('ghost')"
# rows that were read
Sys.setenv(count = nrow(x), "mean" = 5)
