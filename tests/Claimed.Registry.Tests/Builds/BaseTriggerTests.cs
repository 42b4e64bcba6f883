using Claimed.Registry.Builds.Bases;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>Instructions that a base image brings into the build of whoever names it.</summary>
[Trait("Database", "any")]
public sealed class BaseTriggerTests
{
    [Theory]
    [InlineData("RUN pip install -r requirements.txt", true)]
    [InlineData("COPY . /app", true)]
    [InlineData("ENV A=1", true)]
    [InlineData("COPY --from=registry.example.org/hidden/model:1 / /stolen", false)]
    [InlineData("copy --FROM=hidden/model / /stolen", false)]
    [InlineData("COPY --from=0 / /stolen", false)]
    [InlineData("ADD https://example.org/x /x", false)]
    [InlineData("RUN --mount=type=bind,from=hidden/model cp -r / /stolen", false)]
    [InlineData("ONBUILD COPY --from=hidden/model / /stolen", false)]
    [InlineData("FROM hidden/model", false)]
    [InlineData("# escape=`\nCOPY --from=hidden/model / /stolen", false)]
    [InlineData("ENV A=1\nCOPY --from=hidden/model / /stolen", false)]
    [InlineData("", false)]
    public void What_a_published_Dockerfile_may_not_do_a_base_may_not_bring_along(string trigger, bool may) =>
        Assert.Equal(may, BaseTriggers.Problem(["ENV FIRST=1", trigger]) is null);

    [Fact]
    public void A_base_without_any_is_fine() => Assert.Null(BaseTriggers.Problem([]));
}
