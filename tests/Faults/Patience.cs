namespace Claimed.Faults;

/// <summary>How long the tests wait.</summary>
internal static class Patience
{
    /// <summary>After which anything counts as stuck: two minutes in the long run, which has the machine for itself, more where other tests compute beside.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(Figures.IsLong ? 2 : 5);
}
