using System.Text;

namespace Claimed.TestKit;

/// <summary>The fields of a protobuf message that have a length: texts, bytes and messages; numbers are stepped over.</summary>
public sealed class Protobuf
{
    private readonly List<(int Field, byte[] Value)> _fields = [];

    public static Protobuf Read(byte[] message)
    {
        var result = new Protobuf();
        var at = 0;
        while (at < message.Length)
        {
            var key = Number(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Number(message, ref at);
                    result._fields.Add(((int)(key >> 3), message[at..(at + length)]));
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7} at {at} is not of protobuf 3.");
            }
        }
        return at == message.Length ? result : throw new InvalidDataException("The message ends in the middle of a field.");
    }

    public IEnumerable<byte[]> All(int field) => _fields.Where(each => each.Field == field).Select(each => each.Value);

    public string Text(int field) => Encoding.UTF8.GetString(All(field).LastOrDefault([]));

    public string Hex(int field) => Convert.ToHexStringLower(All(field).LastOrDefault([]));

    private static ulong Number(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
