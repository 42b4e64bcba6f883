# Installs what no shell should see.
install.packages('a; id')
install.packages(list_of_packages)
x <- Sys.getenv("x", "1")
