using System.Text.RegularExpressions;

namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>
/// A Dockerfile as Docker's classic builder reads it: which images it uses, and where it asks for what that builder, or this registry, does not
/// do. Nothing is run and no content makes it throw.
/// </summary>
/// <param name="Bases">In the order of their lines; without stages of the file itself and without <c>scratch</c>.</param>
/// <param name="Problems">Each would end the build, or leave open what it uses.</param>
public sealed partial record DockerfileReading(
    IReadOnlyList<DockerfileInstruction> Instructions, IReadOnlyList<DockerfileBase> Bases, IReadOnlyList<DockerfileProblem> Problems)
{
    /// <summary>The empty image, which is no image.</summary>
    public const string Scratch = "scratch";

    /// <summary>Character that continues a line.</summary>
    public char Escape { get; init; } = '\\';

    /// <summary>How many lines at the top are directives.</summary>
    internal int Directives { get; init; }

    /// <summary>Images by the instruction that names them.</summary>
    internal IReadOnlyDictionary<DockerfileInstruction, DockerfileBase> Named { get; init; } = new Dictionary<DockerfileInstruction, DockerfileBase>();

    /// <summary>What each FROM says, variables replaced.</summary>
    internal IReadOnlyDictionary<DockerfileInstruction, DockerfileStage> Stages { get; init; } = new Dictionary<DockerfileInstruction, DockerfileStage>();

    /// <summary>Whether a FROM begins with nothing.</summary>
    public bool IsEmpty(DockerfileInstruction from) => Stages.TryGetValue(from, out var stage) && stage.Source == Scratch;

    public static DockerfileReading Read(string text) => new Reader(text).Read();

    private sealed class Reader
    {
        private static readonly HashSet<string> Keywords = new(
            ["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"],
            StringComparer.Ordinal);

        private readonly List<DockerfileInstruction>? _instructions;
        private readonly List<DockerfileProblem> _problems;
        private readonly List<DockerfileBase> _bases = [];
        private readonly Dictionary<DockerfileInstruction, DockerfileBase> _named = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<DockerfileInstruction, DockerfileStage> _froms = new(ReferenceEqualityComparer.Instance);
        private readonly HashSet<string> _stages = new(StringComparer.OrdinalIgnoreCase);
        private readonly DockerfileVariables _variables;
        private readonly char _escape;
        private readonly int _directives;
        private int _count;
        private string? _stage;

        public Reader(string text)
        {
            (_instructions, _problems, _escape, var syntax, _directives) = DockerfileLines.Read(text);
            _variables = new DockerfileVariables(_escape);
            if (syntax is { } found)
                _bases.Add(new DockerfileBase(found.Image, BaseUse.Syntax, null, found.Line));
        }

        public DockerfileReading Read()
        {
            foreach (var instruction in _instructions ?? [])
                One(instruction);
            if (_count == 0 && _instructions is not null)
                Say(DockerfileProblemKind.Invalid, 1, "The Dockerfile has no FROM.");
            return new DockerfileReading(_instructions ?? [], _bases, [.. _problems.OrderBy(problem => problem.Line)])
            {
                Escape = _escape,
                Directives = _directives,
                Named = _named,
                Stages = _froms,
            };
        }

        private void One(DockerfileInstruction instruction)
        {
            FlagsAreClear(instruction, instruction);
            // Written anew without the words after it, it would end the line.
            if (instruction.Keyword == "ARG" && _variables.Words(instruction.Arguments).Any(word => word.EndsWith(_escape)))
                Say(DockerfileProblemKind.Unclear, instruction.Line, "A word of ARG ends in the escape character.");
            if (!Keywords.Contains(instruction.Keyword))
                Say(DockerfileProblemKind.Invalid, instruction.Line, "The line begins with no instruction.");
            else if (_count == 0 && instruction.Keyword is not ("FROM" or "ARG"))
                Say(DockerfileProblemKind.Invalid, instruction.Line, $"{instruction.Keyword} stands before the first FROM.");
            else if (instruction.Text.Length == 0)
                Say(DockerfileProblemKind.Invalid, instruction.Line, $"{instruction.Keyword} has no argument.");
            else if (instruction.Keyword == "FROM")
                From(instruction);
            else if (instruction.Keyword == "ARG" && _count == 0)
                Expanded(instruction.Line, "The value of ARG", () => _variables.Declare(instruction));
            else
                Step(instruction, instruction);
        }

        private void FlagsAreClear(DockerfileInstruction step, DockerfileInstruction whole)
        {
            if (step.HasUnclearFlags)
                Say(DockerfileProblemKind.Unclear, whole.Line, "Engines differ in which flags stand here: among them is a character beyond ASCII, or two hyphens alone.");
        }

        private void From(DockerfileInstruction from)
        {
            // A stage cannot copy from itself, and its name means nothing to itself.
            if (_stage is not null)
                _stages.Add(_stage);
            _stage = null;
            _count++;
            var words = from.Arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var isNamed = words.Length == 3 && words[1].Equals("AS", StringComparison.OrdinalIgnoreCase);
            if (words.Length != 1 && !isNamed)
            {
                Say(DockerfileProblemKind.Invalid, from.Line, "FROM takes one image, and AS with one name.");
                return;
            }
            if (from.Flags.FirstOrDefault(flag => flag.Name != "platform" || flag.Value is null) is { } other)
                Say(DockerfileProblemKind.Invalid, from.Line, $"FROM has no flag --{other.Name}.");
            if (isNamed && !StageName.IsMatch(words[2]))
                Say(DockerfileProblemKind.Invalid, from.Line, "The stage's name has other characters than letters, digits, hyphens, underscores and dots, or begins with no letter.");
            if (isNamed)
                _stage = words[2];
            Expanded(from.Line, "FROM", () =>
            {
                var platform = from.Flag("platform") is { } written ? _variables.Expand(written) : null;
                platform = string.IsNullOrEmpty(platform) ? null : platform;
                if (platform is not null && !Platform.IsMatch(platform))
                    Say(DockerfileProblemKind.Invalid, from.Line, "The platform is none: write one such as linux/amd64.");
                var name = _variables.Expand(words[0]);
                _froms[from] = new DockerfileStage(name, platform, _stage);
                if (name.Length == 0)
                    Say(DockerfileProblemKind.Invalid, from.Line, "FROM names an empty image: a variable in it has no value before the first FROM.");
                else if (name != Scratch && !_stages.Contains(name))
                    Use(from, name, BaseUse.From, platform, from.Line);
            });
        }

        /// <param name="whole">The instruction of the file that <paramref name="step"/> is, or is a part of.</param>
        private void Step(DockerfileInstruction step, DockerfileInstruction whole)
        {
            switch (step.Keyword)
            {
                case "RUN":
                    foreach (var flag in step.Flags)
                        Say(flag.Name is "network" or "security" ? DockerfileProblemKind.Refused : DockerfileProblemKind.NeedsBuildKit, whole.Line, $"RUN --{flag.Name} stands here.");
                    break;
                case "COPY" or "ADD":
                    Copy(step, whole);
                    break;
                case "ONBUILD":
                    // Runs in a later stage of the same file, too.
                    var inner = DockerfileWords.Instruction(step.Text, whole.Line, whole.EndLine);
                    FlagsAreClear(inner, whole);
                    if (inner.Keyword is "ONBUILD" or "FROM" or "MAINTAINER" || !Keywords.Contains(inner.Keyword))
                        Say(DockerfileProblemKind.Invalid, whole.Line, "ONBUILD takes no such instruction.");
                    // A stage of this file means nothing in the file that is built on it.
                    else if (inner.Keyword == "COPY" && inner.Flags.Any(flag => flag.Name == "from"))
                        Say(DockerfileProblemKind.Refused, whole.Line, "ONBUILD COPY --from names an image in another Dockerfile, which cannot be pinned.");
                    else
                        Step(inner, whole);
                    break;
            }
            if (step.Keyword is "RUN" or "COPY" or "ADD" && DockerfileWords.HasHeredoc(step.Arguments))
                Say(DockerfileProblemKind.NeedsBuildKit, whole.Line, "A here-document begins here.");
        }

        private void Copy(DockerfileInstruction copy, DockerfileInstruction whole)
        {
            foreach (var flag in copy.Flags.Where(flag => flag.Name is not ("chown" or "from") || (flag.Name == "from" && copy.Keyword == "ADD")))
                Say(DockerfileProblemKind.NeedsBuildKit, whole.Line, $"{copy.Keyword} --{flag.Name} stands here.");
            // Some engines take the next word for the value.
            if (copy.Flags.Any(flag => flag.Name is "chown" or "from" && flag.Value is null))
                Say(DockerfileProblemKind.Invalid, whole.Line, "A flag stands here without = and a value.");
            if (copy.Flags.Count(flag => flag.Name == "from") > 1)
                Say(DockerfileProblemKind.Invalid, whole.Line, "The flag --from stands here twice.");
            if (copy.Keyword == "ADD" && AddedSources.Problem(copy.Arguments, _variables) is (var kind, var message))
                Say(kind, whole.Line, message);
            if (copy.Keyword != "COPY" || copy.Flag("from") is not { } source || _stages.Contains(source))
                return;
            if (source.Contains('$', StringComparison.Ordinal))
                Say(DockerfileProblemKind.Unclear, whole.Line, "Engines differ in whether COPY --from reads variables.");
            else if (source == _stage)
                Say(DockerfileProblemKind.Invalid, whole.Line, "COPY --from names the stage that it stands in.");
            else if (source.Length == 0 || source.All(char.IsAsciiDigit))
                CheckIndex(source, whole.Line);
            else
                Use(whole, source, BaseUse.Copy, null, whole.Line);
        }

        private void CheckIndex(string source, int line)
        {
            if (source.Length == 0 || !int.TryParse(source, out var index) || index >= _count - 1)
                Say(DockerfileProblemKind.Invalid, line, "COPY --from names no earlier stage.");
        }

        private void Use(DockerfileInstruction instruction, string name, BaseUse use, string? platform, int line)
        {
            if (!ImageReference.IsValid(name))
            {
                Say(DockerfileProblemKind.Invalid, line, "What stands here for an image is no image reference.");
                return;
            }
            var one = new DockerfileBase(name, use, platform, line);
            _bases.Add(one);
            _named[instruction] = one;
        }

        private void Expanded(int line, string what, Action read)
        {
            try
            {
                read();
            }
            catch (DockerfileWordException unclear)
            {
                Say(DockerfileProblemKind.Unclear, line, $"{what} cannot be read: {unclear.Message}.");
            }
        }

        private void Say(DockerfileProblemKind kind, int line, string message) => _problems.Add(new DockerfileProblem(kind, line, message));
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex StageName { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Platform { get; }
}
