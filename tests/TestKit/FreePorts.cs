using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Claimed.TestKit;

/// <summary>Ports for servers that must come back on the same one: below the range from which the system serves outgoing connections.</summary>
public static class FreePorts
{
    /// <param name="count">How many ports in a row must be free; the first is returned.</param>
    public static int Next(int count = 1)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var port = RandomNumberGenerator.GetInt32(15_000, 30_000);
            var listeners = Enumerable.Range(port, count).Select(each => new TcpListener(IPAddress.Loopback, each)).ToList();
            try
            {
                listeners.ForEach(listener => listener.Start());
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one may not be.
            }
            finally
            {
                listeners.ForEach(listener => listener.Dispose());
            }
        }
        throw new InvalidOperationException("No free port was found between 15000 and 30000.");
    }
}
