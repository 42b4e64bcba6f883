using System.Collections.Frozen;

namespace Claimed.Components.Sources.Imports;

/// <summary>Packages that come with R, and those that come with others.</summary>
internal static class RPackages
{
    private static readonly FrozenSet<string> BuiltIn = """
        base compiler datasets grDevices graphics grid methods parallel splines stats stats4 tcltk tools utils
        KernSmooth MASS Matrix boot class cluster codetools foreign lattice mgcv nlme nnet rpart spatial survival
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string[]> Bringers = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["broom"] = ["tidyverse"],
        ["dplyr"] = ["tidyverse", "dbplyr", "tidyr"],
        ["forcats"] = ["tidyverse"],
        ["ggplot2"] = ["tidyverse", "caret"],
        ["jsonlite"] = ["tidyverse", "httr", "plumber"],
        ["lubridate"] = ["tidyverse"],
        ["magrittr"] = ["tidyverse", "dplyr", "tidyr", "stringr"],
        ["purrr"] = ["tidyverse", "tidyr"],
        ["readr"] = ["tidyverse"],
        ["readxl"] = ["tidyverse"],
        ["rlang"] = ["tidyverse", "dplyr", "ggplot2"],
        ["stringr"] = ["tidyverse"],
        ["tibble"] = ["tidyverse", "dplyr", "readr"],
        ["tidyr"] = ["tidyverse"],
        ["xml2"] = ["tidyverse", "rvest"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool IsBuiltIn(string package) => BuiltIn.Contains(package);

    public static IReadOnlyList<string> BringersOf(string package) => Bringers.GetValueOrDefault(package, []);
}
