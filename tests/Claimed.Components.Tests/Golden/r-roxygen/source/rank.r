#' Ranks what it is given.
#'
#' @param first the first of them
#' @param second the second, spread over
#'   two lines

first <- Sys.getenv("first", 5L)
second <- Sys.getenv(x = "second", unset = "b")
third <- Sys.getenv("third", Sys.time())
for (name in names) Sys.getenv(name)
