namespace Claimed.Components.Sources.Python;

/// <summary>Several variables set at once.</summary>
internal sealed partial class PythonInterface
{
    /// <summary><c>os.environ.update(x='1')</c>, <c>os.environ.update({'x': '1'})</c>, <c>os.environ |= {'x': '1'}</c>.</summary>
    private void Update(int index, int open)
    {
        if (tokens.IsOperator(open, "(") && tokens.IsOperator(open + 1, "{"))
            open++;
        var close = open < tokens.Code.Count ? tokens.Partners[open] : -1;
        var isDict = tokens.IsOperator(open, "{");
        if (close < open || !(isDict || tokens.IsOperator(open, "(")))
        {
            if (open < tokens.Code.Count)
                OutputUnknown(index);
            return;
        }

        for (var start = open + 1; start < close;)
        {
            var end = start;
            for (; end < close && !tokens.IsOperator(end, ","); end++)
                end = Math.Max(end, tokens.Partners[end]);
            var name = isDict && tokens.Is(start, PythonTokenKind.String) && tokens.IsOperator(start + 1, ":") ? PythonString.Value(tokens.Text(start))
                : !isDict && tokens.Is(start, PythonTokenKind.Name) && tokens.IsOperator(start + 1, "=") ? tokens.Text(start).ToString() : null;
            if (name is null)
                OutputUnknown(index);
            else
                found.Add(new Found(name, IsRead: false, null, DefaultKind.Absent, null, start, end - 1));
            start = end + 1;
        }
    }

    private void OutputUnknown(int index) => draft.Suggestion("output-name-computed", tokens.At(index),
        "The name of this environment variable is computed, so it is no output.",
        "Assign to a variable with a literal name, such as os.environ['result'], for each output.");
}
