"""Discord's gateway on loopback: hello, identify, resume, heartbeats, events in one zlib stream."""

import json
import zlib
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.emulators.discord.server import squeezed
from tests.emulators.discord.world import ALL_RIGHTS, APP, TOKEN, Guild, Payload, World, stamp

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 0, 1, 2, 3, 4, 6, 7
MEMBERS, INVALID, HELLO, ACK = 8, 9, 10, 11
INTENT_GUILDS, INTENT_MESSAGES, INTENT_DIRECT, INTENT_CONTENT = 1, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15


@dataclass
class Session:
    """What one identified client was told."""

    id: str
    intents: int
    shard: tuple[int, int]
    told: list[Payload] = field(default_factory=list)
    line: "Line | None" = None


class Line:
    """One open websocket."""

    def __init__(self, socket: web.WebSocketResponse, *, is_squeezed: bool) -> None:
        self.socket = socket
        self._squeezer = zlib.compressobj() if is_squeezed else None

    async def send(self, op: int, data: object = None, **more: object) -> None:
        """One payload."""
        text = json.dumps({"op": op, "d": data, "s": None, "t": None, **more})
        if self._squeezer is None:
            await self.socket.send_str(text)
        else:
            await self.socket.send_bytes(squeezed(self._squeezer, text))


class Gateway:
    """All sessions."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, Session] = {}
        self.resumed = 0
        self.identified = 0
        self.shards: list[tuple[int, int]] = []
        world.dispatch = self.dispatch

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """A client connects."""
        socket = web.WebSocketResponse(max_msg_size=1 << 24)
        await socket.prepare(request)
        line = Line(socket, is_squeezed=request.query.get("compress") == "zlib-stream")
        await line.send(HELLO, {"heartbeat_interval": 41250})
        session: Session | None = None
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            asked = json.loads(frame.data)
            match asked["op"]:
                case op if op == HEARTBEAT:
                    await line.send(ACK)
                case op if op == IDENTIFY:
                    session = await self._identify(line, asked["d"])
                case op if op == RESUME:
                    session = await self._resume(line, asked["d"])
            self.world.changed()
        if session is not None and session.line is line:
            session.line = None
        self.world.changed()
        return socket

    async def _identify(self, line: Line, asked: Payload) -> Session | None:
        if asked["token"] != TOKEN:
            await line.socket.close(code=4004, message=b"Authentication failed.")
            return None
        if asked["intents"] & PRIVILEGED:
            self.world.findings.append("a privileged intent was asked for")
        shard = tuple(asked.get("shard") or (0, 1))
        session = Session(f"session-{len(self.sessions)}", asked["intents"], (shard[0], shard[1]))
        session.line = line
        self.sessions[session.id] = session
        self.identified += 1
        self.shards.append(session.shard)
        mine = [each for each in self.world.guilds.values() if self._is_for(session, each.id)]
        joined = [each for each in mine if each.is_joined]
        await self._tell(
            session,
            "READY",
            {
                "v": 10,
                "user": {**self.world.bot, "mfa_enabled": False, "verified": True, "email": None},
                "guilds": [{"id": str(each.id), "unavailable": True} for each in joined],
                "session_id": session.id,
                "resume_gateway_url": self.world.base_url.replace("http", "ws") + "/gateway",
                "application": {"id": str(APP), "flags": 0, "flags_new": "0"},
                "shard": list(session.shard),
            },
        )
        for guild in joined:
            await self._tell(session, "GUILD_CREATE", self.guild_payload(guild))
        return session

    async def _resume(self, line: Line, asked: Payload) -> Session | None:
        session = self.sessions.get(asked["session_id"])
        if session is None or asked["token"] != TOKEN:
            await line.send(INVALID, False)
            return None
        session.line = line
        self.resumed += 1
        for each in session.told:
            if each["s"] > asked["seq"]:
                await line.send(DISPATCH, each["d"], s=each["s"], t=each["t"])
        await self._tell(session, "RESUMED", {})
        return session

    def _is_for(self, session: Session, guild: int) -> bool:
        number, count = session.shard
        return (guild >> 22) % count == number

    # --- events -------------------------------------------------------------------------------

    def dispatch(self, name: str, body: Payload) -> None:
        """Tell every session that has to know."""
        guild = int(body.get("guild_id") or 0)
        for session in tuple(self.sessions.values()):
            if not self._is_for(session, guild) or not _wants(session.intents, name, guild):
                continue
            told = body
            if name == "MESSAGE_CREATE" and not self._may_read(session, body):
                told = {**body, "content": "", "attachments": [], "components": [], "embeds": []}
            self.world.queue.put_nowait(self._tell(session, name, told))

    def _may_read(self, session: Session, body: Payload) -> bool:
        if session.intents & INTENT_CONTENT or not body.get("guild_id"):
            return True
        is_mentioned = any(each["id"] == str(APP) for each in body["mentions"])
        return is_mentioned or body["author"]["id"] == str(APP)

    async def _tell(self, session: Session, name: str, body: Payload) -> None:
        self.world.checker.dispatched(name, body)
        event = {"s": len(session.told) + 1, "t": name, "d": body}
        session.told.append(event)
        if session.line is not None and not session.line.socket.closed:
            await session.line.send(DISPATCH, body, s=event["s"], t=name)
        self.world.changed()

    async def ask_to_reconnect(self) -> None:
        """Op 7: come again."""
        for session in self._open():
            await session.line.send(RECONNECT)  # type: ignore[union-attr]

    async def invalidate(self) -> None:
        """Op 9: the session is over."""
        for session in self._open():
            self.sessions.pop(session.id)
            await session.line.send(INVALID, False)  # type: ignore[union-attr]

    async def drop(self) -> None:
        """The network is gone."""
        for session in self._open():
            transport = session.line.socket._req.transport  # type: ignore[union-attr]
            transport.abort()  # type: ignore[union-attr]

    def _open(self) -> list[Session]:
        return [each for each in tuple(self.sessions.values()) if each.line is not None]

    def guild_payload(self, guild: Guild) -> Payload:
        """A server as it is told when it comes in."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": "1",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": guild.roles,
            "emojis": [],
            "features": [],
            "mfa_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "premium_tier": guild.premium_tier,
            "preferred_locale": guild.locale,
            "public_updates_channel_id": None,
            "nsfw_level": 0,
            "premium_progress_bar_enabled": False,
            "safety_alerts_channel_id": None,
            "incidents_data": None,
            "hub_type": None,
            "joined_at": stamp(),
            "large": False,
            "member_count": 2,
            "voice_states": [],
            "members": [
                {
                    "user": self.world.bot,
                    "roles": [],
                    "joined_at": stamp(),
                    "deaf": False,
                    "mute": False,
                    "flags": 0,
                    "permissions": ALL_RIGHTS,
                }
            ],
            "channels": guild.channels,
            "threads": guild.threads,
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "stickers": [],
        }


def _wants(intents: int, name: str, guild: int) -> bool:
    if name.startswith("MESSAGE_"):
        return bool(intents & (INTENT_MESSAGES if guild else INTENT_DIRECT))
    return True
