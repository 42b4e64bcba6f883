namespace Claimed.Components.Sources.Python;

/// <summary>What the imports and aliases of a source call the environment. One object serves all cells of a notebook.</summary>
internal sealed class PythonNames
{
    /// <summary>Names of the module <c>os</c>; sources that lost the import to an earlier cell mean it too.</summary>
    private readonly HashSet<string> modules = new(StringComparer.Ordinal) { "os" };

    private readonly HashSet<string> environments = new(StringComparer.Ordinal);

    /// <summary>Those of the names that are copies: what is set in them is set nowhere else.</summary>
    private readonly HashSet<string> copies = new(StringComparer.Ordinal);
    private readonly HashSet<string> getters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> converters = new(StringComparer.Ordinal)
    {
        ["int"] = PortTypes.Integer,
        ["float"] = PortTypes.Float,
        ["bool"] = PortTypes.Boolean,
        ["strtobool"] = PortTypes.Boolean,
        ["json.loads"] = PortTypes.JsonObject,
        ["ast.literal_eval"] = LiteralConversion,
    };

    /// <summary>The conversion of a literal of Python, of whatever type.</summary>
    public const string LiteralConversion = "literal";

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
        if (tokens.IsOperator(index + 1, ".") && tokens.Is(index + 2, PythonTokenKind.Name) && environments.Contains($"{name}.{tokens.Text(index + 2)}"))
            return index + 3;
        return environments.Contains(name) ? index + 1 : -1;
    }

    /// <summary>True when the environment up to <paramref name="behind"/> is a copy of that of the process.</summary>
    public bool IsCopy(PythonTokens tokens, int index, int behind) =>
        copies.Count > 0 && copies.Contains(string.Concat(Enumerable.Range(index, behind - index).Select(i => tokens.Text(i).ToString())));

    /// <summary><c>map(os.environ.get, names)</c>: a getter that is handed on, not called or given another name.</summary>
    public bool IsGetterHandedOn(PythonTokens tokens, int index)
    {
        var behind = Getter(tokens, index);
        return behind > index + 1 && tokens.Is(behind, PythonTokenKind.Operator) && tokens.Text(behind) is "," or ")" && tokens.Text(behind - 1) is "get" or "getenv";
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
                LearnAlias(tokens, i, tokens.Text(i - 1).ToString());
            else if (tokens.IsOperator(i, "=") && tokens.IsOperator(i - 2, ".") && tokens.Is(i - 3, PythonTokenKind.Name) && IsStatementStart(tokens, i - 3))
                LearnAlias(tokens, i, $"{tokens.Text(i - 3)}.{tokens.Text(i - 1)}");
            else if (tokens.IsName(i, "def") && tokens.Source.ColumnAt(tokens.Code[i].Start) == 1)
                getters.Remove(tokens.Text(i + 1).ToString());
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
                converters[alias] = LiteralConversion;
                break;
            case ("distutils.util", "strtobool"):
                converters[alias] = PortTypes.Boolean;
                break;
        }
    }

    /// <summary><c>env = os.environ</c>, <c>get = os.getenv</c>: the whole right side.</summary>
    private void LearnAlias(PythonTokens tokens, int equals, string name)
    {
        // `dict(os.environ)`, `os.environ.copy()`
        var isDict = tokens.IsName(equals + 1, "dict") && tokens.IsOperator(equals + 2, "(");
        var environment = Environment(tokens, isDict ? equals + 3 : equals + 1);
        var isCopy = environment >= 0 && (isDict
            ? tokens.IsOperator(environment, ")") && EndsAt(environment + 1)
            : tokens.IsOperator(environment, ".") && tokens.IsName(environment + 1, "copy") && tokens.IsOperator(environment + 3, ")") && EndsAt(environment + 4));
        if (isCopy || (environment >= 0 && !isDict && EndsAt(environment)))
        {
            environments.Add(name);
            if (isCopy)
                copies.Add(name);
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
