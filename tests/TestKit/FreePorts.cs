using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Claimed.TestKit;

/// <summary>Ports for servers that must come back on the same one: below the range from which the system serves outgoing connections.</summary>
public static class FreePorts
{
    public static int Next()
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var port = RandomNumberGenerator.GetInt32(15_000, 30_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one may not be.
            }
        }
        throw new InvalidOperationException("No free port was found between 15000 and 30000.");
    }
}
