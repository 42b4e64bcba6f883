namespace Claimed.Components.Sources;

/// <summary>The tags that a source gives itself: each once, in its order, and no more than someone would look through.</summary>
internal sealed class TagList(List<Finding> findings)
{
    private const int MaxTags = 100;

    private readonly List<string> tags = [];
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private bool reported;

    public IReadOnlyList<string> Tags => tags;

    public void Add(IEnumerable<string> more, SourcePosition at)
    {
        foreach (var tag in more.Select(tag => tag.Trim()).Where(tag => tag.Length > 0))
        {
            if (tags.Count < MaxTags && known.Add(tag))
                tags.Add(tag);
            else if (!reported && !known.Contains(tag))
            {
                reported = true;
                findings.Add(Finding.Warning("tags-too-many", at, $"Only the first {MaxTags} tags are kept.", "Keep the tags that people search for."));
            }
        }
    }
}
