namespace Claimed.Components.Sources.Python;

/// <summary>The modules that a script or cell imports and cannot do without: those in a <c>try</c> that copes without them are left out.</summary>
internal sealed class PythonImports
{
    private readonly PythonTokens tokens;
    private readonly List<(string Module, int Token)> found = [];
    private readonly Stack<Attempt> attempts = new();

    private PythonImports(PythonTokens tokens) => this.tokens = tokens;

    /// <summary>A <c>try</c> with its handlers.</summary>
    private sealed class Attempt(int column)
    {
        public int Column { get; } = column;

        public List<(string Module, int Token)> Imports { get; } = [];

        public bool Copes { get; set; }
    }

    /// <summary>Top-level names of modules, each with the token that names it.</summary>
    public static IEnumerable<(string Module, int Token)> Read(PythonTokens tokens)
    {
        var reader = new PythonImports(tokens);
        var (line, column) = (0, 0);
        for (var start = 0; start < tokens.Code.Count; start++)
        {
            var end = start;
            while (end < tokens.Code.Count && !tokens.Is(end, PythonTokenKind.NewLine))
                end++;
            // A statement behind a semicolon belongs where the first one of its line does.
            if (end > start && tokens.Code[start].Line != line)
                column = tokens.Source.ColumnAt(tokens.Code[start].Start);
            if (end > start)
                reader.Statement(start, end, column);
            line = end < tokens.Code.Count ? tokens.Code[end].Line : line;
            start = end;
        }

        reader.Leave(-1);
        return reader.found;
    }

    private void Statement(int start, int end, int column)
    {
        Leave(IsHandler(start) ? column : column - 1);
        if (tokens.IsName(start, "try"))
            attempts.Push(new Attempt(column));
        else if (tokens.IsName(start, "except") && attempts.TryPeek(out var attempt) && attempt.Column == column)
            attempt.Copes |= CatchesImports(start, end);
        for (var i = start; i < end; i++)
        {
            if (i > start && !tokens.IsOperator(i - 1, ":"))
                continue;
            if (tokens.IsName(i, "import"))
                Import(i + 1, end);
            else if (tokens.IsName(i, "from") && tokens.Is(i + 1, PythonTokenKind.Name) && !tokens.IsName(i + 1, "import"))
                Add(i + 1);
        }
    }

    private bool IsHandler(int start) => tokens.IsName(start, "except") || tokens.IsName(start, "else") || tokens.IsName(start, "finally");

    private bool CatchesImports(int start, int end)
    {
        for (var i = start + 1; i < end && !tokens.IsOperator(i, ":"); i++)
        {
            if (tokens.Text(i) is "ImportError" or "ModuleNotFoundError" or "Exception" or "BaseException")
                return true;
        }

        return tokens.IsOperator(start + 1, ":");
    }

    /// <summary><c>a.b as c, d</c>; what else stands there ends it.</summary>
    private void Import(int i, int end)
    {
        while (i < end && tokens.Is(i, PythonTokenKind.Name))
        {
            Add(i++);
            while (tokens.IsOperator(i, ".") && tokens.Is(i + 1, PythonTokenKind.Name))
                i += 2;
            if (tokens.IsName(i, "as"))
                i += 2;
            if (!tokens.IsOperator(i, ","))
                return;
            i++;
        }
    }

    private void Add(int token)
    {
        var import = (tokens.Text(token).ToString(), token);
        if (attempts.TryPeek(out var attempt))
            attempt.Imports.Add(import);
        else
            found.Add(import);
    }

    /// <summary>Ends each attempt that stands further right than <paramref name="column"/>.</summary>
    private void Leave(int column)
    {
        while (attempts.TryPeek(out var attempt) && attempt.Column > column)
        {
            attempts.Pop();
            if (attempt.Copes)
                continue;
            if (attempts.TryPeek(out var outer))
                outer.Imports.AddRange(attempt.Imports);
            else
                found.AddRange(attempt.Imports);
        }
    }
}
