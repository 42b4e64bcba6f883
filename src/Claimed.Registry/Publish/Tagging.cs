using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Publish;

/// <summary>Gives a tag to certain components, and takes it from all others.</summary>
public sealed class Tagging(RegistryDatabase database)
{
    /// <param name="subjects"><c>namespace/name</c> of those that have it from now on.</param>
    /// <param name="holders">Those that readers see with the tag now.</param>
    /// <exception cref="RefusedException">404: one of them is not there.</exception>
    public Task SetAsync(string tag, IReadOnlySet<string> subjects, IEnumerable<string> holders, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        foreach (var subject in subjects.Union(holders).Order(StringComparer.Ordinal))
        {
            var parts = subject.Split('/', 2);
            var id = await change.LockComponentAsync(parts[0], parts[1]) ?? throw new RefusedException(Missing.Component(parts[0], parts[1]));
            var component = await change.Db.Components.SingleAsync(row => row.Id == id, change.Cancellation);
            var tags = Json.Read<string[]>(component.Tags).Where(known => !known.Equals(tag, StringComparison.OrdinalIgnoreCase));
            component.Tags = Json.Write(subjects.Contains(subject) ? [.. tags, tag] : tags.ToArray());
            Presentation.Tell(change, component, subject);
            // Each is told of by itself, and the next is compared with what is stored.
            await change.Db.SaveChangesAsync(change.Cancellation);
        }
    }, cancellation);
}
