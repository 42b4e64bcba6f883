using System.Text.RegularExpressions;

namespace Claimed.Components.Failures;

/// <summary>A cause that was recognised.</summary>
/// <param name="Code">A stable word.</param>
/// <param name="Subject">What could not be had: a package, a file, an image, a command; null when nobody says.</param>
internal sealed record FailureCause(string Code, string Message, string Hint, string? Subject = null);

/// <summary>
/// The common causes, by the words of the programs that meet them: pip, apt, dnf, R, compilers, shells and both engines. The order counts:
/// pip without a network also says that it found no such package.
/// </summary>
internal static partial class FailureCauses
{
    /// <summary>Nothing of a step is to blame; the error itself says what is.</summary>
    public const string Refused = "build-refused";

    /// <summary>No words tell more than that it failed.</summary>
    public const string NotKnown = "command-failed";

    private const RegexOptions Usual = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline;
    private const int LongestSubject = 200;
    private const int MostLooked = 16 * 1024;

    /// <summary>For one pattern and one text; what is usual takes less than one.</summary>
    public const int MostMilliseconds = 1000;

    /// <param name="keyword">Of the instruction, such as <c>RUN</c>; null when none had begun.</param>
    /// <param name="said">The end of the step's output and the engine's error.</param>
    /// <param name="isImport">Whether the step is the one that imports what a source declares.</param>
    public static FailureCause Find(string? keyword, string said, int? exitCode, bool isOutOfMemory, bool isImport)
    {
        try
        {
            return Known(keyword, End(said), exitCode, isOutOfMemory, isImport);
        }
        catch (RegexMatchTimeoutException)
        {
            return Unknown(exitCode);
        }
    }

    /// <summary>When no words tell more.</summary>
    public static FailureCause Unknown(int? exitCode) =>
        new(NotKnown, exitCode is { } code ? $"Its command ended with exit code {code}" : "The engine could not do it", "The last lines of the log say why.");

    /// <summary>The end of a text, which is where programs say why they gave up.</summary>
    public static string End(string text) => text.Length <= MostLooked ? text : text[WholeText.Cut(text, 0, text.Length - MostLooked)..];

    private static FailureCause Known(string? keyword, string said, int? exitCode, bool isOutOfMemory, bool isImport)
    {
        if (isOutOfMemory || exitCode == 137 || OutOfMemory.IsMatch(said))
            return new("out-of-memory", "The step needed more memory than it may use", "Let the step need less, or have the operator raise Builds__Memory or the limits of the namespace.");
        return (keyword is "COPY" or "ADD" ? MissingFile(said) : null) ?? Engine(keyword, said) ?? Disk(said) ?? (isImport ? Import(said) : null) ?? Program(said) ?? Network(said) ?? Python(said) ?? Packages(said) ?? Machine(said)
            ?? (keyword is null ? new FailureCause(Refused, "The build was refused", "Mend what the message names.") : null)
            ?? Unknown(exitCode);
    }

    private static FailureCause? MissingFile(string said) => NoFile.Match(said) is { Success: true } match
        ? new("file-not-found", $"The upload has no file {Subject(match)}", "Send the file with the upload, under the path that COPY names; .dockerignore may leave it out.", Subject(match))
        : null;

    private static FailureCause? Engine(string? keyword, string said)
    {
        if (BadDockerfile.Match(said) is { Success: true } bad)
            return new("dockerfile-invalid", $"The Dockerfile cannot be read: {Subject(bad)}", "Mend the line; `docker build` says the same.");
        if (ForeignMachine.IsMatch(said))
            return new("other-platform", "A program in the image is made for another kind of processor", "Name a base image that exists for the platform of the build, or another platform.");
        if (keyword is not (null or "FROM" or "COPY"))
            return null;
        if (NoImage.IsMatch(said))
            return new("image-not-found", "There is no such base image, or it may not be pulled", "Correct its name and tag. Of a private image the operator has to know the account (Images__Upstreams).");
        return NoRegistry.IsMatch(said)
            ? new("image-unreachable", "The registry of the base image does not answer", "Try again later; without a way to it, name an image that the engine or this registry has.")
            : null;
    }

    private static FailureCause? Disk(string said) => FullDisk.IsMatch(said)
        ? new("disk-full", "There was no space left on the disk", "Have the operator make room at the container engine, or let the step write less.")
        : null;

    /// <summary>Of a module that is there, and fails while it loads, the last words tell why.</summary>
    private static FailureCause? Import(string said)
    {
        const string hint = "Have the source install its package, or correct the name in `imports`. Where the base image should have it, the operator corrects the image or Builds__Requirements__….";
        if (NoModule.Match(said) is { Success: true } module)
            return new("import-failed", $"The module {Subject(module)} cannot be imported: the declared package is not there", hint, Subject(module));
        return LoadError.Match(said) is { Success: true } error
            ? new("import-failed", $"A declared module does not load ({Subject(error)})", hint)
            : null;
    }

    private static FailureCause? Program(string said)
    {
        if (NoPip.IsMatch(said))
            return new("no-pip", "The base image has Python without pip", "Choose a base image with pip, or install python3-pip with apt first.", "pip");
        if (Compiler.Match(said) is { Success: true } compiler)
            return new("no-compiler", $"A package has to be compiled, and the base image lacks {Subject(compiler)}",
                "Install a compiler first (`apt-get install build-essential python3-dev`), or ask for a version that comes as a wheel.", Subject(compiler));
        return NoProgram.Match(said) is { Success: true } program
            ? new("no-command", $"The base image has no program {Subject(program)}", "Install it in an earlier step, or choose a base image that has it.", Subject(program))
            : null;
    }

    private static FailureCause? Network(string said)
    {
        if (Untrusted.IsMatch(said))
            return new("certificate-not-trusted", "The server's certificate is not trusted in the build", "Have the operator give builds the certificate of whoever signs for it (Builds__CaBundle).");
        if (Account.Match(said) is { Success: true } refused)
            return new("access-refused", $"The server refused ({Subject(refused)})", "Have the operator set the account for it, such as Builds__Pip__Credentials.");
        return NoNetwork.IsMatch(said)
            ? new("no-network", "The step could not reach a server that it needs", "Build steps may have no network here (Builds__NetworkMode), or only that of an index of the site: the operator knows (Builds__Pip__IndexUrl, Builds__HttpProxy).")
            : null;
    }

    private static FailureCause? Python(string said)
    {
        if (Conflict.IsMatch(said))
            return new("conflicting-requirements", "The requirements exclude each other", "Loosen the versions that the last lines name.");
        if (OtherPython.Match(said) is { Success: true } python)
            return new("other-python", $"A package wants another Python ({Subject(python)})", "Ask for an older version of it, or choose a base image with that Python.");
        return null;
    }

    private static FailureCause? Packages(string said)
    {
        if (NoVersion.Match(said) is { Success: true } version)
        {
            var (package, versions) = (Subject(version), version.Groups["versions"].Value);
            return versions is "none" or ""
                ? new("unknown-package", $"pip found no package {package}", "Correct the name; the site's index may not have it.", package)
                : new("unknown-version", $"pip found no version {package}", $"There are {Shown(versions, LongestSubject)}.", package);
        }
        foreach (var (program, pattern) in new[] { ("pip", NoWheel), ("apt", NoAptPackage), ("dnf", NoRpm), ("R", NoRPackage) })
        {
            if (pattern.Match(said) is { Success: true } match)
            {
                return program == "pip"
                    ? new("package-not-built", $"pip could not build {Subject(match)}", "Its own output is in the last lines; a version that comes as a wheel needs no building.", Subject(match))
                    : new("unknown-package", $"{program} found no package {Subject(match)}", "Correct the name; the distribution of the base image may call it otherwise.", Subject(match));
            }
        }
        return null;
    }

    private static FailureCause? Machine(string said) => Denied.Match(said) is { Success: true } denied
        ? new("permission-denied", "The step may not do that as its user", "Write `USER 0` before the step and the former user after it, or use a folder that the user owns.", denied.Groups["what"].Success ? Subject(denied) : null)
        : null;

    private static string Subject(Match match) => Shown(match.Groups["what"].Value.Trim(), LongestSubject);

    private static string Shown(string text, int most) => text.Length <= most ? text : text[..WholeText.Cut(text, 0, most)] + "…";

    [GeneratedRegex(@"MemoryError|OutOfMemoryError|[Cc]annot allocate (memory|vector)|signal: killed|virtual memory exhausted", Usual, MostMilliseconds)]
    private static partial Regex OutOfMemory { get; }

    [GeneratedRegex(@"stat:? ""?/?(?<what>[^"":\n]+)""?: (file does not exist|no such file or directory)|""?(?<what>[^"":\n]+)""?: no such file or directory|no source files were specified(?<what>)", Usual, MostMilliseconds)]
    private static partial Regex NoFile { get; }

    [GeneratedRegex(@"(?<what>[Uu]nknown (flag|instruction): ""?[^\s""&]+""?)|dockerfile parse error( on)? line \d+: (?<what>[^\n]+)", Usual, MostMilliseconds)]
    private static partial Regex BadDockerfile { get; }

    [GeneratedRegex(@"exec format error|no matching manifest for|image operating system .* cannot be used|does not match the specified platform|the image \S+ is for \S+, not for", Usual, MostMilliseconds)]
    private static partial Regex ForeignMachine { get; }

    [GeneratedRegex(@"manifest unknown|manifest for .* not found|pull access denied|repository does not exist|name unknown|[Nn]o such image|unauthorized:|did not resolve to an alias|invalid reference format", Usual, MostMilliseconds)]
    private static partial Regex NoImage { get; }

    [GeneratedRegex(@"no such host|dial tcp|pinging container registry|i/o timeout|TLS handshake|server gave HTTP response|x509:|[Cc]onnection refused|toomanyrequests", Usual, MostMilliseconds)]
    private static partial Regex NoRegistry { get; }

    [GeneratedRegex(@"[Nn]o space left on device|[Dd]isk quota exceeded", Usual, MostMilliseconds)]
    private static partial Regex FullDisk { get; }

    [GeneratedRegex(@"No module named '?pip'?\b", Usual, MostMilliseconds)]
    private static partial Regex NoPip { get; }

    [GeneratedRegex(
        @"[Cc]ommand '?(?<what>[^\s']*(gcc|g\+\+|cc|clang|gfortran|cargo))'? failed: No such file|unable to execute '?(?<what>[^\s':]+)|(?<what>\b(gcc|g\+\+|cc|c\+\+|gfortran|cmake|ninja|cargo|rustc)): (command )?not found"
        + @"|fatal error: (?<what>[^\s:]+\.h[a-z]*): No such file|can't find (?<what>Rust compiler)|(?<what>CMake) must be installed|No (?<what>CMAKE_C(XX)?_COMPILER) could be found|error: (?<what>cargo), the Rust package manager, is not installed",
        Usual, MostMilliseconds)]
    private static partial Regex Compiler { get; }

    [GeneratedRegex(@"^ModuleNotFoundError: No module named '(?<what>[^'\n]+)'|there is no package called ['‘](?<what>[^'’\n]+)['’]", Usual, MostMilliseconds)]
    private static partial Regex NoModule { get; }

    [GeneratedRegex(@"^(?<what>([A-Za-z_]\w*\.)*[A-Za-z_]\w*(Error|Exception)(: [^\r\n]*)?)\r?$|^(?<what>Error[ :][^\r\n]+)", Usual | RegexOptions.RightToLeft, MostMilliseconds)]
    private static partial Regex LoadError { get; }

    // Docker and Podman (with the quotes of its log); shells.
    [GeneratedRegex(@"exec: \\*""(?<what>[^""\\]+)\\*"": (executable file not found|stat [^:]+: no such file)|^(/bin/)?(ba|da)?sh: (line )?(\d+: )+(?<what>[^\s:]+): not found|: (line \d+: )?(?<what>[^\s:]+): command not found|env: ['‘](?<what>[^'’]+)['’]: No such file", Usual, MostMilliseconds)]
    private static partial Regex NoProgram { get; }

    [GeneratedRegex(@"CERTIFICATE_VERIFY_FAILED|certificate verify failed|unable to get local issuer certificate|[Cc]ertificate verification failed|self[- ]signed certificate|SSL certificate problem", Usual, MostMilliseconds)]
    private static partial Regex Untrusted { get; }

    [GeneratedRegex(@"(?<what>40[137] (Client Error[^\n]*|Unauthorized|Forbidden|Proxy Authentication Required))|error: (?<what>40[137])\b", Usual, MostMilliseconds)]
    private static partial Regex Account { get; }

    [GeneratedRegex(
        @"Temporary failure (in name resolution|resolving)|Name or service not known|Could not resolve|[Nn]o address associated with hostname|Failed to establish a new connection|[Nn]etwork is unreachable|[Nn]o route to host"
        + @"|[Cc]onnection (refused|timed out|reset by peer)|ConnectTimeoutError|Read timed out|ReadTimeoutError|getaddrinfo|unable to access index for repository|cannot open URL|Unable to connect to|Tunnel connection failed",
        Usual, MostMilliseconds)]
    private static partial Regex NoNetwork { get; }

    [GeneratedRegex(@"ResolutionImpossible|conflicting dependencies|requirements? conflict|have unmet dependencies|Conflicting requirement", Usual, MostMilliseconds)]
    private static partial Regex Conflict { get; }

    [GeneratedRegex(@"requires? a different [Pp]ython( version)?:? ?[^\n]*?(?<what>Requires-Python [^\s;]+|not in '[^']+')|(?<what>Python [<>=!~]+ ?[\d.]+) (is )?required", Usual, MostMilliseconds)]
    private static partial Regex OtherPython { get; }

    [GeneratedRegex(@"Could not find a version that satisfies the requirement (?<what>[^\s(]+)( \(from (?!versions)[^)]*\))?( \(from versions: (?<versions>[^)]*)\))?|No matching distribution found for (?<what>\S+)", Usual, MostMilliseconds)]
    private static partial Regex NoVersion { get; }

    [GeneratedRegex(@"(Failed building wheel for|Failed to build|Encountered error while (trying to install|generating) package[^\n]*\n╰─>) (?<what>[A-Za-z0-9._-]+)|Invalid requirement: '?(?<what>[^'\n]+)", Usual, MostMilliseconds)]
    private static partial Regex NoWheel { get; }

    [GeneratedRegex(@"E: Unable to locate package (?<what>\S+)|E: Package '(?<what>[^']+)' has no installation candidate|E: Version '[^']+' for '(?<what>[^']+)' was not found|E: Couldn't find any package by (glob|regex) '(?<what>[^']+)'", Usual, MostMilliseconds)]
    private static partial Regex NoAptPackage { get; }

    [GeneratedRegex(@"No match for argument: (?<what>\S+)|Unable to find a match: (?<what>\S+)|No package (?<what>\S+) available", Usual, MostMilliseconds)]
    private static partial Regex NoRpm { get; }

    [GeneratedRegex(@"package ['‘](?<what>[^'’]+)['’] is not available|there is no package called ['‘](?<what>[^'’]+)['’]", Usual, MostMilliseconds)]
    private static partial Regex NoRPackage { get; }

    [GeneratedRegex(@"(['""‘](?<what>[^'""’\n]+)['""’]: )?([Pp]ermission denied|[Oo]peration not permitted|EACCES|are you root\?)", Usual, MostMilliseconds)]
    private static partial Regex Denied { get; }
}
