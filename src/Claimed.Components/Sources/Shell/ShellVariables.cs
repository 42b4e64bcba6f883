namespace Claimed.Components.Sources.Shell;

/// <summary>Variables that shells set themselves: what they hold comes from nowhere outside.</summary>
internal static class ShellVariables
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "BASH", "BASHPID", "BASH_ARGV0", "BASH_COMMAND", "BASH_LINENO", "BASH_REMATCH", "BASH_SOURCE", "BASH_SUBSHELL", "BASH_VERSINFO", "BASH_VERSION",
        "COLUMNS", "COMP_WORDS", "DIRSTACK", "EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME", "GROUPS", "HISTCMD", "HOSTTYPE", "IFS", "KSH_VERSION",
        "LINENO", "LINES", "MACHTYPE", "MAPFILE", "OLDPWD", "OPTARG", "OPTERR", "OPTIND", "OSTYPE", "PIPESTATUS", "PPID", "PS1", "PS2", "PS3", "PS4", "RANDOM",
        "REPLY", "SECONDS", "SHELLOPTS", "SHLVL", "SRANDOM", "UID", "ZSH_VERSION",
    };

    public static bool Contains(string name) => Names.Contains(name);
}
