# Runs an R script with its declared ports: inputs are environment variables, an output is a path until the script sets its variable.
.claimed <- new.env()
.claimed$status <- 0

local({
  folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
  system_variables <- c("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "PWD", "HOSTNAME", "TMPDIR", "LD_LIBRARY_PATH")

  fail <- function(...) {
    message("claimed: ", ...)
    base::quit(save = "no", status = 2, runLast = FALSE)
  }
  # KFP's launcher passes an omitted optional input as the literal {{$.…}}.
  is_given <- function(text) !is.null(text) && !is.na(text) && nzchar(text) && !grepl("^\\{\\{\\$.*\\}\\}$", text)
  first_given <- function(candidates) {
    for (text in candidates) if (is_given(text)) return(text)
    NULL
  }
  # Whether a port that takes a number is given one; sources read numbers in ways of their own, so 3.0 is an Integer, too.
  fits <- function(text, type) {
    if (!(type %in% c("Integer", "Float"))) return(TRUE)
    number <- suppressWarnings(as.numeric(text))
    if (type == "Float") is.nan(number) || !is.na(number) else is.finite(number) && number == floor(number)
  }
  set <- function(variable, value) do.call(Sys.setenv, stats::setNames(list(value), variable))
  state <- function(path) {
    info <- file.info(path)
    paste(info$size, format(info$mtime, "%Y-%m-%d %H:%M:%OS6"))
  }

  lines <- readLines(file.path(folder, "ports.tsv"), encoding = "UTF-8")
  ports <- as.data.frame(do.call(rbind, c(list(character(6)), strsplit(lines, "\t", fixed = TRUE)))[-1, , drop = FALSE])
  names(ports) <- c("direction", "name", "variable", "passing", "type", "required")
  named <- list()
  for (argument in commandArgs(TRUE)) {
    if (!grepl("=", argument, fixed = TRUE)) fail("the argument '", argument, "' is not of the form name=value")
    name <- sub("=.*", "", argument)
    if (!(name %in% c(ports$name, "claimed.result")))
      fail("'", name, "' is not declared by this component; declared are: ", paste(ports$name, collapse = ", "))
    named[[name]] <- sub("^[^=]*=", "", argument)
  }

  outputs <- list()
  missing_inputs <- character()
  odd <- character()
  for (i in seq_len(nrow(ports))) {
    port <- ports[i, ]
    variables <- setdiff(unique(c(port$name, port$variable)), if (port$direction == "output") system_variables)
    value <- first_given(c(named[[port$name]], Sys.getenv(variables, unset = NA)))
    if (port$direction == "input") {
      if (!is.null(value)) {
        if (!fits(value, port$type))
          odd <- c(odd, paste0("'", port$name, "' takes a number of type ", port$type, ", which '", substr(value, 1, 80), "' is not"))
        set(port$variable, value)
      } else {
        # The script's own default counts only while the variable is absent.
        Sys.unsetenv(port$variable)
        if (port$required == "1") missing_inputs <- c(missing_inputs, paste0(port$name, " (", port$type, ")"))
      }
    } else {
      Sys.unsetenv(variables)
      if (is.null(value) && port$passing == "file") value <- file.path("outputs", port$name)
      if (!is.null(value) && !grepl("^/", value)) value <- file.path(getwd(), value)
      # A script that names another variable for the port reads the path there; others only assign the value.
      outputs[[length(outputs) + 1]] <- list(name = port$name, variable = port$variable, is_file = port$passing == "file",
        holds_path = port$passing == "file" || port$name != port$variable, path = value)
    }
  }
  if (length(missing_inputs) > 0)
    fail("missing input: ", paste(missing_inputs, collapse = ", "), "; pass each as name=value or as an environment variable")
  if (length(odd) > 0) fail(paste(odd, collapse = "; "))
  for (i in seq_along(outputs)) {
    output <- outputs[[i]]
    if (is.null(output$path)) next
    directory <- dirname(output$path)
    if (!dir.exists(directory) && !dir.create(directory, recursive = TRUE, showWarnings = FALSE))
      fail("the directory of the output '", output$name, "' cannot be made: ", directory)
    outputs[[i]]$before <- state(output$path)
    if (output$holds_path) set(output$variable, output$path)
  }

  write_text <- function(text, path) writeBin(charToRaw(text), path)
  assigned <- function(output) {
    value <- Sys.getenv(output$variable, unset = NA)
    if (output$holds_path && identical(value, output$path)) NA else value
  }
  write_output <- function(output) {
    if (is.null(output$path) || state(output$path) != output$before) return(invisible())
    value <- assigned(output)
    if (is.na(value)) message("claimed: the component ended without the output '", output$name, "'")
    else if (output$is_file && dir.exists(value)) {
      dir.create(output$path, showWarnings = FALSE)
      file.copy(list.files(value, full.names = TRUE, all.files = TRUE, no.. = TRUE), output$path, recursive = TRUE, overwrite = TRUE)
    }
    else if (output$is_file && file.exists(value)) file.copy(value, output$path, overwrite = TRUE)
    else write_text(value, output$path)
  }
  json <- function(text) {
    if (is.na(text)) return("null")
    text <- gsub("\\", "\\\\", text, fixed = TRUE)
    text <- gsub("\"", "\\\"", text, fixed = TRUE)
    for (pair in list(c("\n", "\\n"), c("\r", "\\r"), c("\t", "\\t"))) text <- gsub(pair[1], pair[2], text, fixed = TRUE)
    paste0("\"", text, "\"")
  }
  .claimed$finish <- function() {
    for (output in outputs) write_output(output)
    path <- named[["claimed.result"]]
    if (is.null(path)) return(invisible())
    values <- Filter(function(output) !output$is_file, outputs)
    texts <- vapply(values, function(output) json(assigned(output)), "")
    names <- vapply(values, function(output) json(output$name), "")
    write_text(if (length(texts) == 1) texts else paste0("{", paste0(names, ": ", texts, collapse = ", "), "}"), path)
  }
  .claimed$source <- file.path(Sys.getenv("CLAIMED_SOURCES", "/home/claimed"), readLines(file.path(folder, "source"), encoding = "UTF-8", warn = FALSE))
  # The code of a notebook.
  if (file.exists(file.path(folder, "notebook.R"))) .claimed$source <- file.path(folder, "notebook.R")
})

# Once, when the script ends well by whichever way.
.claimed$end <- function() {
  if (.claimed$status != 0 || isTRUE(.claimed$ended)) return(invisible())
  .claimed$ended <- TRUE
  tryCatch(.claimed$finish(), error = function(problem) {
    message("claimed: an output could not be written: ", conditionMessage(problem))
    base::quit(save = "no", status = 1, runLast = FALSE)
  })
}
.claimed$quit <- function(save = "default", status = 0, runLast = TRUE) {
  .claimed$status <- status
  .claimed$end()
  base::quit(save, status, runLast)
}

# On the search path and not in the workspace, which many scripts empty first.
attach(list(
  # What the image was built with is not installed again.
  install.packages = function(pkgs, ...) {
    absent <- setdiff(pkgs, rownames(utils::installed.packages()))
    if (length(absent) > 0) utils::install.packages(absent, ...)
  },
  quit = .claimed$quit,
  q = .claimed$quit
), name = "claimed", warn.conflicts = FALSE)

.Last <- function() .claimed$end()

source(.claimed$source, print.eval = TRUE, encoding = "UTF-8")
.claimed$end()
