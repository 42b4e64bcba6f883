using System.Net;
using Claimed.Registry.Mirrors;
using Xunit;

namespace Claimed.Registry.Tests.Mirrors;

[Trait("Database", "any")]
public sealed class OriginTests
{
    [Theory]
    [InlineData("93.184.216.34", "151.101.1.69", true)]
    [InlineData("93.184.216.34", "10.0.0.7", false)]
    [InlineData("93.184.216.34", "169.254.169.254", false)]
    [InlineData("93.184.216.34", "::1", false)]
    [InlineData("93.184.216.34", "93.184.216.34", true)]
    [InlineData("10.0.0.7", "10.0.0.8", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    public void A_public_origin_sends_a_mirror_to_no_private_machine(string origin, string other, bool may) =>
        Assert.Equal(may, Origin.MaySendTo(IPAddress.Parse(other), [IPAddress.Parse(origin)]));
}
