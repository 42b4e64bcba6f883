namespace Claimed.Registry.Images;
public sealed record ImageOptions { public string PublicHost {get;set;} = ""; }
public sealed class ImageStore {
 public Task<string?> ResolveTagAsync(string r, string t, CancellationToken c) => throw new NotImplementedException();
 public Task SetTagAsync(Storage.Change c, string r, string t, string d) => throw new NotImplementedException();
 public Task RemoveTagAsync(Storage.Change c, string r, string t) => throw new NotImplementedException();
}
public enum OutsideImageOutcome { Resolved, NotFound, Unreachable }
public sealed record OutsideImage(OutsideImageOutcome Outcome, string? Pinned, string? Digest, string Detail);
public sealed class OutsideImages { public Task<OutsideImage> ResolveAsync(string r, CancellationToken c) => throw new NotImplementedException(); }
