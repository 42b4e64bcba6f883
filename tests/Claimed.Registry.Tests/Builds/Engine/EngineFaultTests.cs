using Claimed.Registry.Builds.Engine;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>What engines said in their own words (docker 20.10, podman 4.3) where another attempt helps and where it does not.</summary>
[Trait("Database", "any")]
public sealed class EngineFaultTests
{
    private const string Podman = "creating build container: initializing source docker://127.0.0.1:5999/x/y:1: ";
    private const string Reuse = "trying to reuse blob sha256:242f at destination: failed to read from destination repository x/y: ";

    public static TheoryData<string, string> Builds => new()
    {
        // Steps.
        { "The command '/bin/sh -c exit 3' returned a non-zero code: 3", "Fails" },
        { "The command '/bin/sh -c echo connection refused; exit 1' returned a non-zero code: 1", "Fails" },
        { "building at STEP \"RUN exit 3\": while running runtime: exit status 3", "Fails" },
        { "building at STEP \"RUN echo i/o timeout && false\": while running runtime: exit status 1", "Fails" },
        { "COPY failed: file not found in build context or excluded by .dockerignore: stat nothing: file does not exist", "Fails" },
        { "building at STEP \"COPY nothing /x\": checking on sources under \"/var/tmp/libpod_builder3195318368/build\": copier: stat: \"/nothing\": no such file or directory", "Fails" },
        // The Dockerfile.
        { "dockerfile parse error line 2: unknown instruction: FOO", "Fails" },
        { "building at STEP \"FOO \": Build error: Unknown instruction: \"FOO\" &imagebuilder.Step{Env:[]string{}}", "Fails" },
        { "the Dockerfile (Dockerfile) cannot be empty", "Fails" },
        { "no build stage in current context", "Fails" },
        { "no FROM statement found", "Fails" },
        // Base images that are refused or not there.
        { "unauthorized", "Fails" },
        { "denied", "Fails" },
        { "manifest unknown", "Fails" },
        { Podman + "reading manifest 1 in 127.0.0.1:5999/x/y: unauthorized", "Fails" },
        { Podman + "reading manifest 1 in 127.0.0.1:5999/x/y: manifest unknown", "Fails" },
        { "Get \"https://registry.invalid/v2/\": dial tcp: lookup registry.invalid on 10.255.255.53:53: no such host", "Fails" },
        // Registries that are away or busy.
        { "toomanyrequests: You have reached your pull rate limit.", "MayPass" },
        { "received unexpected HTTP status: 500 Internal Server Error", "MayPass" },
        { "received unexpected HTTP status: 503 Service Unavailable", "MayPass" },
        { Podman + "reading manifest 1 in 127.0.0.1:5999/x/y: received unexpected HTTP status: 503 Service Unavailable", "MayPass" },
        { "Head \"http://127.0.0.1:5999/v2/cut/x/manifests/1\": EOF", "MayPass" },
        { Podman + "Get \"http://127.0.0.1:5999/v2/cut/x/manifests/1\": EOF", "MayPass" },
        { "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", "MayPass" },
        { Podman + "pinging container registry 127.0.0.1:1: Get \"https://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", "MayPass" },
        { "Get \"https://registry.example.org/v2/\": dial tcp 192.0.2.1:443: i/o timeout", "MayPass" },
        { "Get \"https://registry.example.org/v2/\": net/http: TLS handshake timeout", "MayPass" },
        // The engine's disk.
        { "Error processing tar file(exit status 1): write /large: no space left on device", "Full" },
        { "committing container for step {}: copying layers and metadata for container: storing blob: write /var/lib/containers/storage/tmp: no space left on device", "Full" },
    };

    public static TheoryData<string, string> Pushes => new()
    {
        { "received unexpected HTTP status: 500 Internal Server Error", "MayPass" },
        { Reuse + "500 (Internal Server Error)", "MayPass" },
        { Reuse + "503 (Service Unavailable)", "MayPass" },
        { "toomanyrequests: You have reached your pull rate limit.", "MayPass" },
        { Reuse + "429 (Too Many Requests)", "MayPass" },
        { "trying to reuse blob sha256:242f at destination: pinging container registry 127.0.0.1:1: Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", "MayPass" },
        // A password may be on its way to being changed.
        { "unauthorized", "MayPass" },
        { "trying to reuse blob sha256:242f at destination: checking whether a blob sha256:242f exists in 127.0.0.1:5999/x/y: unauthorized: authentication required", "MayPass" },
        { "An image does not exist locally with the tag: 127.0.0.1:1/nope", "MayPass" },
        { "something that no one has seen", "MayPass" },
        { "denied", "Fails" },
        { Reuse + "403 (Forbidden)", "Fails" },
        { "manifest unknown", "Fails" },
        { "writing blob: initiating layer upload to /v2/x/y/blobs/uploads/ in 127.0.0.1:5999: manifest unknown", "Fails" },
        { "error parsing HTTP 413 response body: invalid character 'o' looking for beginning of value: \"oops\"", "Fails" },
        { Reuse + "413 (Request Entity Too Large)", "Fails" },
        { "Get \"https://127.0.0.1:15622/v2/\": http: server gave HTTP response to HTTPS client", "Fails" },
        { "write /var/lib/docker/tmp: no space left on device", "Full" },
    };

    [Theory]
    [MemberData(nameof(Builds))]
    public void An_error_of_a_build_is_judged_by_its_words(string error, string verdict) => Assert.Equal(verdict, EngineFaults.OfBuild(error).ToString());

    [Theory]
    [MemberData(nameof(Pushes))]
    public void An_error_of_a_push_is_judged_by_its_words(string error, string verdict) => Assert.Equal(verdict, EngineFaults.OfPush(error).ToString());

    [Theory]
    [InlineData("failed to get digest sha256:1f0c: open /var/lib/docker/image/overlay2/imagedb/content/sha256/1f0c: no such file or directory", true)]
    [InlineData("failed to export image: failed to set parent sha256:1f0c: unknown parent image ID sha256:1f0c", true)]
    [InlineData("failed to get destination image \"sha256:1f0c\": No such image: sha256:1f0c", true)]
    [InlineData("The command '/bin/sh -c cat imagedb' returned a non-zero code: 1", false)]
    [InlineData("pull access denied for nosuch, repository does not exist or may require 'docker login'", false)]
    public void A_step_that_was_removed_under_a_build_is_known(string error, bool isLost) => Assert.Equal(isLost, EngineFaults.IsLostLayer(error));
}
