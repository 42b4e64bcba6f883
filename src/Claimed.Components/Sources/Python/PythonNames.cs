namespace Claimed.Components.Sources.Python;

/// <summary>What the imports and aliases of a source call the environment. One object serves all cells of a notebook.</summary>
internal sealed class PythonNames
{
    /// <summary>Names of the module <c>os</c>; sources that lost the import to an earlier cell mean it too.</summary>
    private readonly HashSet<string> modules = new(StringComparer.Ordinal) { "os" };

    private readonly HashSet<string> environments = new(StringComparer.Ordinal);
    private readonly HashSet<string> getters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> converters = new(StringComparer.Ordinal)
    {
        ["int"] = PortTypes.Integer,
        ["float"] = PortTypes.Float,
        ["bool"] = PortTypes.Boolean,
        ["strtobool"] = PortTypes.Boolean,
        ["json.loads"] = PortTypes.JsonObject,
        ["ast.literal_eval"] = PortTypes.JsonObject,
    };

    /// <summary>The modules that this source imports, for the choice of the main file.</summary>
    public HashSet<string> Imported { get; } = new(StringComparer.Ordinal);

    /// <summary>The type that a call of <paramref name="function"/> converts to; JSON objects stand for any JSON.</summary>
    public string? Conversion(string function) => converters.GetValueOrDefault(function);

    /// <summary>The index behind an expression that is the environment (<c>os.environ</c> or an alias), or -1.</summary>
    public int Environment(PythonTokens tokens, int index)
    {
        if (!tokens.Is(index, PythonTokenKind.Name) || tokens.IsOperator(index - 1, "."))
            return -1;
        var name = tokens.Text(index).ToString();
        if (modules.Contains(name) && tokens.IsOperator(index + 1, ".") && tokens.IsName(index + 2, "environ"))
            return index + 3;
        return environments.Contains(name) ? index + 1 : -1;
    }

    /// <summary>The index of the parenthesis that opens the arguments of a read, or -1.</summary>
    public int GetterCall(PythonTokens tokens, int index)
    {
        var behind = Getter(tokens, index);
        return behind >= 0 && tokens.IsOperator(behind, "(") && !tokens.IsName(index - 1, "def") ? behind : -1;
    }

    /// <summary>Learns all imports and aliases; before the reads, since a function may stand above the import that it uses.</summary>
    public void Learn(PythonTokens tokens)
    {
        for (var i = 0; i < tokens.Code.Count; i++)
        {
            if (tokens.IsName(i, "import") && IsStatementStart(tokens, i))
                LearnImport(tokens, i + 1);
            else if (tokens.IsName(i, "from") && IsStatementStart(tokens, i))
                LearnFrom(tokens, i + 1);
            else if (tokens.IsOperator(i, "=") && IsStatementStart(tokens, i - 1) && tokens.Is(i - 1, PythonTokenKind.Name))
                LearnAlias(tokens, i);
        }
    }

    private static bool IsStatementStart(PythonTokens tokens, int index) =>
        index == 0 || tokens.Is(index - 1, PythonTokenKind.NewLine) || tokens.IsOperator(index - 1, ":");

    /// <summary>The index behind <c>os.getenv</c>, <c>os.environ.get</c> or an alias of them, or -1.</summary>
    private int Getter(PythonTokens tokens, int index)
    {
        var behind = Environment(tokens, index);
        if (behind >= 0)
            return tokens.IsOperator(behind, ".") && tokens.Text(behind + 1) is "get" or "pop" or "setdefault" ? behind + 2 : -1;
        if (!tokens.Is(index, PythonTokenKind.Name) || tokens.IsOperator(index - 1, "."))
            return -1;
        var name = tokens.Text(index).ToString();
        if (modules.Contains(name) && tokens.IsOperator(index + 1, ".") && tokens.IsName(index + 2, "getenv"))
            return index + 3;
        return getters.Contains(name) ? index + 1 : -1;
    }

    private void LearnImport(PythonTokens tokens, int i)
    {
        while (tokens.Is(i, PythonTokenKind.Name))
        {
            var module = DottedName(tokens, ref i);
            var top = module.Split('.')[0];
            Imported.Add(module);
            Imported.Add(top);
            if (tokens.IsName(i, "as"))
            {
                var alias = tokens.Text(i + 1).ToString();
                i += 2;
                if (module == "os")
                    modules.Add(alias);
                else if (module == "json")
                    converters[alias + ".loads"] = PortTypes.JsonObject;
            }
            if (!tokens.IsOperator(i, ","))
                return;
            i++;
        }
    }

    private void LearnFrom(PythonTokens tokens, int i)
    {
        while (tokens.IsOperator(i, ".") || tokens.IsOperator(i, "..."))
            i++;
        var module = tokens.IsName(i, "import") ? "" : DottedName(tokens, ref i);
        if (!tokens.IsName(i, "import"))
            return;
        if (module.Length > 0)
        {
            Imported.Add(module);
            Imported.UnionWith(module.Split('.'));
        }

        for (i++; i < tokens.Code.Count && !EndsImport(tokens, i); i++)
        {
            if (tokens.IsOperator(i, "*") && module == "os")
            {
                environments.Add("environ");
                getters.Add("getenv");
            }

            if (!tokens.Is(i, PythonTokenKind.Name))
                continue;
            var name = tokens.Text(i).ToString();
            var alias = name;
            if (tokens.IsName(i + 1, "as"))
            {
                alias = tokens.Text(i + 2).ToString();
                i += 2;
            }

            // `from package import module` imports a file as well.
            Imported.Add(name);
            LearnMember(module, name, alias);
        }
    }

    // Where a bracket is never closed the whole file is one line, and the next import must end this one.
    private static bool EndsImport(PythonTokens tokens, int i) =>
        tokens.Is(i, PythonTokenKind.NewLine) || tokens.IsOperator(i, ":") || tokens.IsName(i, "import") || tokens.IsName(i, "from");

    private void LearnMember(string module, string name, string alias)
    {
        switch (module, name)
        {
            case ("os", "environ"):
                environments.Add(alias);
                break;
            case ("os", "getenv"):
                getters.Add(alias);
                break;
            case ("json", "loads"):
                converters[alias] = PortTypes.JsonObject;
                break;
            case ("ast", "literal_eval"):
                converters[alias] = PortTypes.JsonObject;
                break;
            case ("distutils.util", "strtobool"):
                converters[alias] = PortTypes.Boolean;
                break;
        }
    }

    /// <summary><c>env = os.environ</c>, <c>get = os.getenv</c>: the whole right side.</summary>
    private void LearnAlias(PythonTokens tokens, int equals)
    {
        var name = tokens.Text(equals - 1).ToString();
        var environment = Environment(tokens, equals + 1);
        if (environment >= 0 && EndsAt(environment))
        {
            environments.Add(name);
            return;
        }

        var getter = Getter(tokens, equals + 1);
        if (getter >= 0 && EndsAt(getter))
            getters.Add(name);

        bool EndsAt(int index) => index >= tokens.Code.Count || tokens.Is(index, PythonTokenKind.NewLine);
    }

    private static string DottedName(PythonTokens tokens, ref int i)
    {
        var start = i;
        while (tokens.Is(i, PythonTokenKind.Name) && tokens.IsOperator(i + 1, ".") && i - start < 40)
            i += 2;
        i++;
        var last = Math.Min(i, tokens.Code.Count) - 1;
        return start > last
            ? ""
            : string.Concat(Enumerable.Range(start, last - start + 1).Select(index => tokens.Text(index).ToString()));
    }
}
