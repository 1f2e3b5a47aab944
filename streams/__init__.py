"""The live-room engine: sessions, chat, presence, realtime gateway, media servers, replays."""
