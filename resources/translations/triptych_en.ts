<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>About</translation>
    </message>
    <message>
        <source>Version {number}</source>
        <translation>Version {number}</translation>
    </message>
    <message>
        <source>Chat, images and audio with OpenAI&apos;s API, every server that speaks it, or the engine inside. Nothing is sent anywhere but to the providers you set up, when you ask for a model to its publisher, and, if you want to hear of newer versions, to the page that announces them.</source>
        <translation>Chat, images and audio with OpenAI&apos;s API, every server that speaks it, or the engine inside. Nothing is sent anywhere but to the providers you set up, when you ask for a model to its publisher, and, if you want to hear of newer versions, to the page that announces them.</translation>
    </message>
    <message>
        <source>Free software under the {name} licence.</source>
        <translation>Free software under the {name} licence.</translation>
    </message>
    <message>
        <source>Website</source>
        <translation>Website</translation>
    </message>
    <message>
        <source>Open the data folder</source>
        <translation>Open the data folder</translation>
    </message>
    <message>
        <source>With the work of many others</source>
        <translation>With the work of many others</translation>
    </message>
    <message>
        <source>A click shows the licence.</source>
        <translation>A click shows the licence.</translation>
    </message>
</context>
<context>
    <name>ActionRow</name>
    <message>
        <source>More actions</source>
        <translation>More actions</translation>
    </message>
</context>
<context>
    <name>AttachmentChip</name>
    <message>
        <source>Open {name}</source>
        <translation>Open {name}</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>Remove {name}</translation>
    </message>
</context>
<context>
    <name>AudioTab</name>
    <message>
        <source>Record or stop recording</source>
        <translation>Record or stop recording</translation>
    </message>
    <message>
        <source>Pause or resume the recording</source>
        <translation>Pause or resume the recording</translation>
    </message>
    <message>
        <source>Add sound or video files…</source>
        <translation>Add sound or video files…</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>Transcribe</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>Play or pause</translation>
    </message>
    <message>
        <source>Play from the text cursor</source>
        <translation>Play from the text cursor</translation>
    </message>
    <message>
        <source>Copy the transcript</source>
        <translation>Copy the transcript</translation>
    </message>
    <message>
        <source>Rename the recording</source>
        <translation>Rename the recording</translation>
    </message>
    <message>
        <source>A recording is running. It ends here; what was recorded is kept.</source>
        <translation>A recording is running. It ends here; what was recorded is kept.</translation>
    </message>
    <message>
        <source>Speech becomes text here</source>
        <translation>Speech becomes text here</translation>
    </message>
    <message>
        <source>Record with the button below, or drop sound and video files anywhere on this page.</source>
        <translation>Record with the button below, or drop sound and video files anywhere on this page.</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>Add files…</translation>
    </message>
</context>
<context>
    <name>AudioWords</name>
    <message>
        <source>Being transcribed</source>
        <translation>Being transcribed</translation>
    </message>
    <message>
        <source>Transcribed</source>
        <translation>Transcribed</translation>
    </message>
    <message>
        <source>Stopped in the middle</source>
        <translation>Stopped in the middle</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Failed</translation>
    </message>
    <message>
        <source>No speech found</source>
        <translation>No speech found</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Recording</translation>
    </message>
    <message>
        <source>Recovered after a crash</source>
        <translation>Recovered after a crash</translation>
    </message>
    <message>
        <source>Text (TXT)</source>
        <translation>Text (TXT)</translation>
    </message>
    <message>
        <source>Subtitles (SRT)</source>
        <translation>Subtitles (SRT)</translation>
    </message>
    <message>
        <source>Web subtitles (VTT)</source>
        <translation>Web subtitles (VTT)</translation>
    </message>
    <message>
        <source>Data with times (JSON)</source>
        <translation>Data with times (JSON)</translation>
    </message>
</context>
<context>
    <name>BackupContents</name>
    <message>
        <source>Untitled</source>
        <translation>Untitled</translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n message</numerusform>
            <numerusform>%n messages</numerusform>
        </translation>
    </message>
    <message>
        <source>In the backup of {moment}</source>
        <translation>In the backup of {moment}</translation>
    </message>
    <message>
        <source>All backups</source>
        <translation>All backups</translation>
    </message>
    <message>
        <source>Search titles</source>
        <translation>Search titles</translation>
    </message>
    <message>
        <source>Conversations in this backup</source>
        <translation>Conversations in this backup</translation>
    </message>
    <message>
        <source>Restore this conversation</source>
        <translation>Restore this conversation</translation>
    </message>
    <message>
        <source>It is copied; what you have now stays.</source>
        <translation>It is copied; what you have now stays.</translation>
    </message>
</context>
<context>
    <name>BackupList</name>
    <message>
        <source>Put this backup in the place of your data?</source>
        <translation>Put this backup in the place of your data?</translation>
    </message>
    <message>
        <source>Conversations, the lists of pictures and recordings, transcripts and settings become those of {moment}. The state of now is kept as a backup, and files of pictures and recordings stay where they are. Triptych closes its window and opens it again.</source>
        <translation>Conversations, the lists of pictures and recordings, transcripts and settings become those of {moment}. The state of now is kept as a backup, and files of pictures and recordings stay where they are. Triptych closes its window and opens it again.</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Restore</translation>
    </message>
    <message>
        <source>Delete this backup?</source>
        <translation>Delete this backup?</translation>
    </message>
    <message>
        <source>What is only in the backup of {moment} is lost then.</source>
        <translation>What is only in the backup of {moment} is lost then.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Backups</translation>
    </message>
    <message>
        <source>One is made a day and kept for a week, and one of each of the four weeks before. They lie beside your data, so keep an export elsewhere as well. Keys are in none of them.</source>
        <translation>One is made a day and kept for a week, and one of each of the four weeks before. They lie beside your data, so keep an export elsewhere as well. Keys are in none of them.</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>Back up now</translation>
    </message>
    <message>
        <source>There is no backup yet. The first is made a few minutes after the start.</source>
        <translation>There is no backup yet. The first is made a few minutes after the start.</translation>
    </message>
</context>
<context>
    <name>BackupRow</name>
    <message>
        <source>Look inside…</source>
        <translation>Look inside…</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translation>Restore…</translation>
    </message>
    <message>
        <source>Delete this backup</source>
        <translation>Delete this backup</translation>
    </message>
    <message>
        <source>Look into the backup of {moment}</source>
        <translation>Look into the backup of {moment}</translation>
    </message>
    <message>
        <source>Restore the backup of {moment}</source>
        <translation>Restore the backup of {moment}</translation>
    </message>
    <message>
        <source>Delete the backup of {moment}</source>
        <translation>Delete the backup of {moment}</translation>
    </message>
    <message>
        <source>daily</source>
        <translation>daily</translation>
    </message>
    <message>
        <source>before an upgrade</source>
        <translation>before an upgrade</translation>
    </message>
    <message>
        <source>before a restore</source>
        <translation>before a restore</translation>
    </message>
    <message>
        <source>before an update</source>
        <translation>before an update</translation>
    </message>
    <message>
        <source>found damaged</source>
        <translation>found damaged</translation>
    </message>
    <message>
        <source>It cannot be read.</source>
        <translation>It cannot be read.</translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n conversation</numerusform>
            <numerusform>%n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n message</numerusform>
            <numerusform>%n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n picture</numerusform>
            <numerusform>%n pictures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n recording(s)</source>
        <translation>
            <numerusform>%n recording</numerusform>
            <numerusform>%n recordings</numerusform>
        </translation>
    </message>
    <message>
        <source>Last: {titles}</source>
        <translation>Last: {titles}</translation>
    </message>
</context>
<context>
    <name>ChatKeys</name>
    <message>
        <source>Send the message</source>
        <translation>Send the message</translation>
    </message>
    <message>
        <source>New line in the message</source>
        <translation>New line in the message</translation>
    </message>
    <message>
        <source>Edit the last prompt, from the empty field</source>
        <translation>Edit the last prompt, from the empty field</translation>
    </message>
    <message>
        <source>To the message before</source>
        <translation>To the message before</translation>
    </message>
    <message>
        <source>To the next message</source>
        <translation>To the next message</translation>
    </message>
    <message>
        <source>Rename, in the list of conversations</source>
        <translation>Rename, in the list of conversations</translation>
    </message>
    <message>
        <source>Delete, in the list of conversations</source>
        <translation>Delete, in the list of conversations</translation>
    </message>
</context>
<context>
    <name>ChatRows</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message>
        <source>{speed} tokens/s</source>
        <translation>{speed} tokens/s</translation>
    </message>
</context>
<context>
    <name>ChatTab</name>
    <message>
        <source>New conversation</source>
        <translation>New conversation</translation>
    </message>
    <message>
        <source>Search conversations</source>
        <translation>Search conversations</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Attach files</translation>
    </message>
    <message>
        <source>Show or hide conversations</source>
        <translation>Show or hide conversations</translation>
    </message>
    <message>
        <source>Show or hide parameters</source>
        <translation>Show or hide parameters</translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation>Stop the answer</translation>
    </message>
    <message>
        <source>Pin or unpin this conversation</source>
        <translation>Pin or unpin this conversation</translation>
    </message>
    <message>
        <source>Export this conversation</source>
        <translation>Export this conversation</translation>
    </message>
    <message>
        <source>Delete this conversation</source>
        <translation>Delete this conversation</translation>
    </message>
</context>
<context>
    <name>CodeCard</name>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Wrap long lines</source>
        <translation>Wrap long lines</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>Copy code</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copied</translation>
    </message>
</context>
<context>
    <name>Columns</name>
    <message>
        <source>Conversations (Ctrl+B)</source>
        <translation>Conversations (Ctrl+B)</translation>
    </message>
    <message>
        <source>Show conversations</source>
        <translation>Show conversations</translation>
    </message>
    <message>
        <source>System prompt and parameters (Ctrl+P)</source>
        <translation>System prompt and parameters (Ctrl+P)</translation>
    </message>
    <message>
        <source>Show system prompt and parameters</source>
        <translation>Show system prompt and parameters</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>No matching command</source>
        <translation>No matching command</translation>
    </message>
    <message>
        <source>Type what you want to do</source>
        <translation>Type what you want to do</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>Search commands</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Commands</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Attach files</source>
        <translation>Attach files</translation>
    </message>
    <message>
        <source>Attach pictures or text files; dropping and pasting work too</source>
        <translation>Attach pictures or text files; dropping and pasting work too</translation>
    </message>
    <message>
        <source>Stop editing</source>
        <translation>Stop editing</translation>
    </message>
    <message>
        <source>Stop editing (Esc)</source>
        <translation>Stop editing (Esc)</translation>
    </message>
    <message>
        <source>Editing a message: sending makes a new version and keeps the old one</source>
        <translation>Editing a message: sending makes a new version and keeps the old one</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>Write a message</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Message</translation>
    </message>
</context>
<context>
    <name>ConnectionTest</name>
    <message>
        <source>Test connection</source>
        <translation>Test connection</translation>
    </message>
    <message>
        <source>Testing</source>
        <translation>Testing</translation>
    </message>
</context>
<context>
    <name>ConversationListView</name>
    <message>
        <source>Conversations</source>
        <translation>Conversations</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>New conversation</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Unpin</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Pin</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Rename</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Export…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Delete</translation>
    </message>
</context>
<context>
    <name>Conversations</name>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>JSON with all versions (*.json)</source>
        <translation>JSON with all versions (*.json)</translation>
    </message>
    <message>
        <source>Export conversation</source>
        <translation>Export conversation</translation>
    </message>
    <message>
        <source>You</source>
        <translation>You</translation>
    </message>
</context>
<context>
    <name>CrashBox</name>
    <message>
        <source>Something went wrong in Triptych</source>
        <translation>Something went wrong in Triptych</translation>
    </message>
    <message>
        <source>This is a mistake in the program, not yours. Your data is stored; you can go on working. The report below says what happened; it holds no keys and no messages.</source>
        <translation>This is a mistake in the program, not yours. Your data is stored; you can go on working. The report below says what happened; it holds no keys and no messages.</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Copy report</translation>
    </message>
</context>
<context>
    <name>Desktop</name>
    <message>
        <source>Pictures</source>
        <translation>Pictures</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>All files (*)</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Attach files</translation>
    </message>
    <message>
        <source>The link leads to {host}.</source>
        <translation>The link leads to {host}.</translation>
    </message>
    <message>
        <source>Open this link?</source>
        <translation>Open this link?</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Open</translation>
    </message>
    <message>
        <source>“{name}” is opened in another program, which may run what is in it.</source>
        <translation>“{name}” is opened in another program, which may run what is in it.</translation>
    </message>
    <message>
        <source>Open this file?</source>
        <translation>Open this file?</translation>
    </message>
    <message numerus="yes">
        <source>Attach %n file(s) to the message</source>
        <translation>
            <numerusform>Attach %n file to the message</numerusform>
            <numerusform>Attach %n files to the message</numerusform>
        </translation>
    </message>
    <message>
        <source>Attach the picture to the message</source>
        <translation>Attach the picture to the message</translation>
    </message>
</context>
<context>
    <name>DevicePicker</name>
    <message>
        <source>System default ({name})</source>
        <translation>System default ({name})</translation>
    </message>
    <message>
        <source>System default</source>
        <translation>System default</translation>
    </message>
    <message>
        <source>No microphone found</source>
        <translation>No microphone found</translation>
    </message>
    <message>
        <source>{name} (not connected)</source>
        <translation>{name} (not connected)</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>Microphone</translation>
    </message>
</context>
<context>
    <name>EngineCard</name>
    <message>
        <source>Restart</source>
        <translation>Restart</translation>
    </message>
    <message>
        <source>Restart the engine</source>
        <translation>Restart the engine</translation>
    </message>
    <message>
        <source>No model is in memory; the first request loads one.</source>
        <translation>No model is in memory; the first request loads one.</translation>
    </message>
    <message>
        <source>In memory: {names}</source>
        <translation>In memory: {names}</translation>
    </message>
    <message>
        <source>The engine is switched off</source>
        <translation>The engine is switched off</translation>
    </message>
    <message>
        <source>Triptych runs in safe mode. Restart it normally to use the engine.</source>
        <translation>Triptych runs in safe mode. Restart it normally to use the engine.</translation>
    </message>
    <message>
        <source>The engine cannot run on this computer</source>
        <translation>The engine cannot run on this computer</translation>
    </message>
    <message>
        <source>It needs a 64-bit Intel or AMD processor with AVX2, or a Mac. Connect a provider instead.</source>
        <translation>It needs a 64-bit Intel or AMD processor with AVX2, or a Mac. Connect a provider instead.</translation>
    </message>
    <message>
        <source>The engine is not running</source>
        <translation>The engine is not running</translation>
    </message>
    <message>
        <source>It starts by itself, within a second, when it is first needed.</source>
        <translation>It starts by itself, within a second, when it is first needed.</translation>
    </message>
    <message>
        <source>The engine is starting</source>
        <translation>The engine is starting</translation>
    </message>
    <message>
        <source>The engine is running</source>
        <translation>The engine is running</translation>
    </message>
    <message>
        <source>The engine stopped unexpectedly</source>
        <translation>The engine stopped unexpectedly</translation>
    </message>
    <message>
        <source>It is started again with the next request. Its last words:</source>
        <translation>It is started again with the next request. Its last words:</translation>
    </message>
</context>
<context>
    <name>EnlargePanel</name>
    <message>
        <source>Enlarge pictures</source>
        <translation>Enlarge pictures</translation>
    </message>
    <message>
        <source>Drop pictures anywhere here: the built-in engine makes them four times as wide and high and keeps edges sharp. Large pictures take minutes. Nothing leaves this computer.</source>
        <translation>Drop pictures anywhere here: the built-in engine makes them four times as wide and high and keeps edges sharp. Large pictures take minutes. Nothing leaves this computer.</translation>
    </message>
    <message>
        <source>The model for enlarging pictures is not on this computer yet.</source>
        <translation>The model for enlarging pictures is not on this computer yet.</translation>
    </message>
    <message>
        <source>Enlarge ×4</source>
        <translation>Enlarge ×4</translation>
    </message>
    <message numerus="yes">
        <source>Enlarge %n picture(s) ×4</source>
        <translation>
            <numerusform>Enlarge %n picture ×4</numerusform>
            <numerusform>Enlarge %n pictures ×4</numerusform>
        </translation>
    </message>
    <message>
        <source>Download it…</source>
        <translation>Download it…</translation>
    </message>
    <message>
        <source>Pictures from words</source>
        <translation>Pictures from words</translation>
    </message>
    <message>
        <source>For this, connect a provider that has an image model, or add a Stable Diffusion file to the built-in engine.</source>
        <translation>For this, connect a provider that has an image model, or add a Stable Diffusion file to the built-in engine.</translation>
    </message>
    <message>
        <source>Add a model file…</source>
        <translation>Add a model file…</translation>
    </message>
    <message>
        <source>Connect a provider…</source>
        <translation>Connect a provider…</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>That did not work</source>
        <translation>That did not work</translation>
    </message>
    <message>
        <source>The server cannot be reached</source>
        <translation>The server cannot be reached</translation>
    </message>
    <message>
        <source>No connection to {host} could be made.</source>
        <translation>No connection to {host} could be made.</translation>
    </message>
    <message>
        <source>Check the network, and whether the address is right and the server runs.</source>
        <translation>Check the network, and whether the address is right and the server runs.</translation>
    </message>
    <message>
        <source>The server did not answer in time</source>
        <translation>The server did not answer in time</translation>
    </message>
    <message>
        <source>{host} sent nothing for {seconds} seconds.</source>
        <translation>{host} sent nothing for {seconds} seconds.</translation>
    </message>
    <message>
        <source>Try again; a longer waiting time can be set in the provider&apos;s settings.</source>
        <translation>Try again; a longer waiting time can be set in the provider&apos;s settings.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not trusted</source>
        <translation>The server&apos;s certificate is not trusted</translation>
    </message>
    <message>
        <source>In a company network, add its certificate file in the provider&apos;s settings. Otherwise check the address.</source>
        <translation>In a company network, add its certificate file in the provider&apos;s settings. Otherwise check the address.</translation>
    </message>
    <message>
        <source>The proxy does not let the request through</source>
        <translation>The proxy does not let the request through</translation>
    </message>
    <message>
        <source>The request to {host} goes through a proxy that refused it.</source>
        <translation>The request to {host} goes through a proxy that refused it.</translation>
    </message>
    <message>
        <source>Check the proxy&apos;s address and password in the provider&apos;s settings.</source>
        <translation>Check the proxy&apos;s address and password in the provider&apos;s settings.</translation>
    </message>
    <message>
        <source>This address does not speak the expected protocol</source>
        <translation>This address does not speak the expected protocol</translation>
    </message>
    <message>
        <source>{host} answered, but not as an OpenAI-compatible server does.</source>
        <translation>{host} answered, but not as an OpenAI-compatible server does.</translation>
    </message>
    <message>
        <source>Check the base address in the provider&apos;s settings; it usually ends in /v1.</source>
        <translation>Check the base address in the provider&apos;s settings; it usually ends in /v1.</translation>
    </message>
    <message>
        <source>The server has moved to another address</source>
        <translation>The server has moved to another address</translation>
    </message>
    <message>
        <source>{host} sends requests on to {location}; nothing was sent there.</source>
        <translation>{host} sends requests on to {location}; nothing was sent there.</translation>
    </message>
    <message>
        <source>If you trust it, set the base address in the provider&apos;s settings to {suggestion}.</source>
        <translation>If you trust it, set the base address in the provider&apos;s settings to {suggestion}.</translation>
    </message>
    <message>
        <source>The server does not offer this</source>
        <translation>The server does not offer this</translation>
    </message>
    <message>
        <source>{host} does not know {path}.</source>
        <translation>{host} does not know {path}.</translation>
    </message>
    <message>
        <source>Choose another provider for this. If nothing works with this one, check its base address.</source>
        <translation>Choose another provider for this. If nothing works with this one, check its base address.</translation>
    </message>
    <message>
        <source>The key was not accepted</source>
        <translation>The key was not accepted</translation>
    </message>
    <message>
        <source>{host} does not accept the key that is set for it.</source>
        <translation>{host} does not accept the key that is set for it.</translation>
    </message>
    <message>
        <source>Enter the key again in the provider&apos;s settings.</source>
        <translation>Enter the key again in the provider&apos;s settings.</translation>
    </message>
    <message>
        <source>The key cannot be sent</source>
        <translation>The key cannot be sent</translation>
    </message>
    <message>
        <source>The key for {host} holds a character that no key has (number {position}), so nothing was sent.</source>
        <translation>The key for {host} holds a character that no key has (number {position}), so nothing was sent.</translation>
    </message>
    <message>
        <source>Copy the key again, without quotes or line breaks, in the provider&apos;s settings.</source>
        <translation>Copy the key again, without quotes or line breaks, in the provider&apos;s settings.</translation>
    </message>
    <message>
        <source>The server does not permit this</source>
        <translation>The server does not permit this</translation>
    </message>
    <message>
        <source>The key is valid, but it may not be used for this.</source>
        <translation>The key is valid, but it may not be used for this.</translation>
    </message>
    <message>
        <source>The account may need to be verified, or the model released for it.</source>
        <translation>The account may need to be verified, or the model released for it.</translation>
    </message>
    <message>
        <source>The model is not available</source>
        <translation>The model is not available</translation>
    </message>
    <message>
        <source>The server does not know “{model}”, or this key may not use it.</source>
        <translation>The server does not know “{model}”, or this key may not use it.</translation>
    </message>
    <message>
        <source>Choose another model at the top right.</source>
        <translation>Choose another model at the top right.</translation>
    </message>
    <message>
        <source>No model is chosen yet</source>
        <translation>No model is chosen yet</translation>
    </message>
    <message>
        <source>The connection to {host} could not be secured, so nothing was sent.</source>
        <translation>The connection to {host} could not be secured, so nothing was sent.</translation>
    </message>
    <message>
        <source>There is no model for this.</source>
        <translation>There is no model for this.</translation>
    </message>
    <message>
        <source>What you wrote is kept. Choose a model, download one, or connect a provider.</source>
        <translation>What you wrote is kept. Choose a model, download one, or connect a provider.</translation>
    </message>
    <message>
        <source>The account&apos;s limit is reached</source>
        <translation>The account&apos;s limit is reached</translation>
    </message>
    <message>
        <source>The provider stops requests until the account has credit again.</source>
        <translation>The provider stops requests until the account has credit again.</translation>
    </message>
    <message>
        <source>Check credit and limits on the provider&apos;s website; trying again does not help.</source>
        <translation>Check credit and limits on the provider&apos;s website; trying again does not help.</translation>
    </message>
    <message>
        <source>Too many requests at the moment</source>
        <translation>Too many requests at the moment</translation>
    </message>
    <message>
        <source>The server asks for a pause.</source>
        <translation>The server asks for a pause.</translation>
    </message>
    <message>
        <source>Wait a moment and try again.</source>
        <translation>Wait a moment and try again.</translation>
    </message>
    <message>
        <source>The server refused the request</source>
        <translation>The server refused the request</translation>
    </message>
    <message>
        <source>Something in the request is not accepted by this server or model.</source>
        <translation>Something in the request is not accepted by this server or model.</translation>
    </message>
    <message>
        <source>The server&apos;s words below say what; change that setting and send again.</source>
        <translation>The server&apos;s words below say what; change that setting and send again.</translation>
    </message>
    <message>
        <source>The conversation is too long for this model</source>
        <translation>The conversation is too long for this model</translation>
    </message>
    <message>
        <source>All messages together do not fit the model&apos;s memory.</source>
        <translation>All messages together do not fit the model&apos;s memory.</translation>
    </message>
    <message>
        <source>Start a new conversation, shorten the message or choose a larger model.</source>
        <translation>Start a new conversation, shorten the message or choose a larger model.</translation>
    </message>
    <message>
        <source>This model cannot read pictures</source>
        <translation>This model cannot read pictures</translation>
    </message>
    <message>
        <source>The message holds a picture, and the chosen model reads text only.</source>
        <translation>The message holds a picture, and the chosen model reads text only.</translation>
    </message>
    <message>
        <source>Choose a model that can see, or connect a provider that has one.</source>
        <translation>Choose a model that can see, or connect a provider that has one.</translation>
    </message>
    <message>
        <source>The request is too large for the server</source>
        <translation>The request is too large for the server</translation>
    </message>
    <message>
        <source>The server limits the size of what may be sent at once.</source>
        <translation>The server limits the size of what may be sent at once.</translation>
    </message>
    <message>
        <source>Send fewer or smaller files.</source>
        <translation>Send fewer or smaller files.</translation>
    </message>
    <message>
        <source>The provider refused this content</source>
        <translation>The provider refused this content</translation>
    </message>
    <message>
        <source>A safety system of the provider stopped the request.</source>
        <translation>A safety system of the provider stopped the request.</translation>
    </message>
    <message>
        <source>Rephrase the request.</source>
        <translation>Rephrase the request.</translation>
    </message>
    <message>
        <source>The server has a problem</source>
        <translation>The server has a problem</translation>
    </message>
    <message>
        <source>{host} answered with an error of its own (status {status}).</source>
        <translation>{host} answered with an error of its own (status {status}).</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>Try again in a moment.</translation>
    </message>
    <message>
        <source>The server is still loading the model</source>
        <translation>The server is still loading the model</translation>
    </message>
    <message>
        <source>{host} is running, but its model is not ready yet.</source>
        <translation>{host} is running, but its model is not ready yet.</translation>
    </message>
    <message>
        <source>The answer could not be understood</source>
        <translation>The answer could not be understood</translation>
    </message>
    <message>
        <source>What {host} sent is not a valid answer.</source>
        <translation>What {host} sent is not a valid answer.</translation>
    </message>
    <message>
        <source>Try again; if it stays, the server or a proxy before it is at fault.</source>
        <translation>Try again; if it stays, the server or a proxy before it is at fault.</translation>
    </message>
    <message>
        <source>The answer broke off</source>
        <translation>The answer broke off</translation>
    </message>
    <message>
        <source>The connection ended in the middle; what arrived is kept.</source>
        <translation>The connection ended in the middle; what arrived is kept.</translation>
    </message>
    <message>
        <source>Try again; where there is a Continue, it goes on from there.</source>
        <translation>Try again; where there is a Continue, it goes on from there.</translation>
    </message>
    <message>
        <source>The built-in engine stopped</source>
        <translation>The built-in engine stopped</translation>
    </message>
    <message>
        <source>The engine ended unexpectedly; it is started again on the next request.</source>
        <translation>The engine ended unexpectedly; it is started again on the next request.</translation>
    </message>
    <message>
        <source>Try again. If it happens again, choose a smaller model or another provider.</source>
        <translation>Try again. If it happens again, choose a smaller model or another provider.</translation>
    </message>
    <message>
        <source>The built-in engine cannot run on this computer</source>
        <translation>The built-in engine cannot run on this computer</translation>
    </message>
    <message>
        <source>It needs a 64-bit Intel or AMD processor with AVX2, or a Mac.</source>
        <translation>It needs a 64-bit Intel or AMD processor with AVX2, or a Mac.</translation>
    </message>
    <message>
        <source>Connect a provider; everything else works.</source>
        <translation>Connect a provider; everything else works.</translation>
    </message>
    <message>
        <source>The built-in engine is switched off in safe mode</source>
        <translation>The built-in engine is switched off in safe mode</translation>
    </message>
    <message>
        <source>Restart Triptych normally, or choose a model of a provider.</source>
        <translation>Restart Triptych normally, or choose a model of a provider.</translation>
    </message>
    <message>
        <source>The model is not on this computer yet</source>
        <translation>The model is not on this computer yet</translation>
    </message>
    <message>
        <source>“{model}” has to be downloaded before the built-in engine can use it.</source>
        <translation>“{model}” has to be downloaded before the built-in engine can use it.</translation>
    </message>
    <message>
        <source>Download it on the Models page, or connect a provider.</source>
        <translation>Download it on the Models page, or connect a provider.</translation>
    </message>
    <message>
        <source>The data could not be saved or read</source>
        <translation>The data could not be saved or read</translation>
    </message>
    <message>
        <source>Reading or writing {path} failed.</source>
        <translation>Reading or writing {path} failed.</translation>
    </message>
    <message>
        <source>Check that the folder exists and may be written to.</source>
        <translation>Check that the folder exists and may be written to.</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>The disk is full</translation>
    </message>
    <message>
        <source>{path} could not be written; what was there before is unharmed.</source>
        <translation>{path} could not be written; what was there before is unharmed.</translation>
    </message>
    <message>
        <source>Free some space and try again.</source>
        <translation>Free some space and try again.</translation>
    </message>
    <message>
        <source>The data was written by a newer Triptych</source>
        <translation>The data was written by a newer Triptych</translation>
    </message>
    <message>
        <source>{path} has a format that this version does not know; it was left alone.</source>
        <translation>{path} has a format that this version does not know; it was left alone.</translation>
    </message>
    <message>
        <source>Install the newest Triptych.</source>
        <translation>Install the newest Triptych.</translation>
    </message>
    <message>
        <source>A data file is damaged</source>
        <translation>A data file is damaged</translation>
    </message>
    <message>
        <source>{path} cannot be read; it was set aside as {copy}.</source>
        <translation>{path} cannot be read; it was set aside as {copy}.</translation>
    </message>
    <message>
        <source>Triptych goes on with a fresh file; the old one is kept.</source>
        <translation>Triptych goes on with a fresh file; the old one is kept.</translation>
    </message>
    <message>
        <source>Nothing of this session will be kept</source>
        <translation>Nothing of this session will be kept</translation>
    </message>
    <message>
        <source>Triptych works in memory, as {path} cannot be used now; it is unharmed.</source>
        <translation>Triptych works in memory, as {path} cannot be used now; it is unharmed.</translation>
    </message>
    <message>
        <source>Follow the other notice and start Triptych again. Export what is to be kept.</source>
        <translation>Follow the other notice and start Triptych again. Export what is to be kept.</translation>
    </message>
    <message>
        <source>Interrupted: Triptych had ended</source>
        <translation>Interrupted: Triptych had ended</translation>
    </message>
    <message>
        <source>Try again to begin anew.</source>
        <translation>Try again to begin anew.</translation>
    </message>
    <message>
        <source>The system&apos;s key store does not answer</source>
        <translation>The system&apos;s key store does not answer</translation>
    </message>
    <message>
        <source>The key could not be read from it or saved in it.</source>
        <translation>The key could not be read from it or saved in it.</translation>
    </message>
    <message>
        <source>Unlock the key store and try again. A key entered now works for this session.</source>
        <translation>Unlock the key store and try again. A key entered now works for this session.</translation>
    </message>
    <message>
        <source>The sound device failed</source>
        <translation>The sound device failed</translation>
    </message>
    <message>
        <source>The device stopped or was unplugged; what was recorded is kept.</source>
        <translation>The device stopped or was unplugged; what was recorded is kept.</translation>
    </message>
    <message>
        <source>Check the device and choose it again.</source>
        <translation>Check the device and choose it again.</translation>
    </message>
    <message>
        <source>No microphone was found</source>
        <translation>No microphone was found</translation>
    </message>
    <message>
        <source>The system lists no sound input.</source>
        <translation>The system lists no sound input.</translation>
    </message>
    <message>
        <source>Plug one in and try again; you can still drop files here.</source>
        <translation>Plug one in and try again; you can still drop files here.</translation>
    </message>
    <message>
        <source>The microphone cannot be opened</source>
        <translation>The microphone cannot be opened</translation>
    </message>
    <message>
        <source>The system refused it: another program may use it, or access is off.</source>
        <translation>The system refused it: another program may use it, or access is off.</translation>
    </message>
    <message>
        <source>Allow access in the system&apos;s privacy settings, or choose another device.</source>
        <translation>Allow access in the system&apos;s privacy settings, or choose another device.</translation>
    </message>
    <message>
        <source>The file cannot be used</source>
        <translation>The file cannot be used</translation>
    </message>
    <message>
        <source>“{name}” could not be read as {expected}.</source>
        <translation>“{name}” could not be read as {expected}.</translation>
    </message>
    <message>
        <source>Check that the file opens in another program.</source>
        <translation>Check that the file opens in another program.</translation>
    </message>
    <message>
        <source>The picture is too large</source>
        <translation>The picture is too large</translation>
    </message>
    <message>
        <source>“{name}” measures {width} × {height} pixels, more than can be opened.</source>
        <translation>“{name}” measures {width} × {height} pixels, more than can be opened.</translation>
    </message>
    <message>
        <source>Scale it down in another program first.</source>
        <translation>Scale it down in another program first.</translation>
    </message>
    <message>
        <source>The file cannot be used as sound</source>
        <translation>The file cannot be used as sound</translation>
    </message>
    <message>
        <source>“{name}” is missing, damaged, or neither sound nor video.</source>
        <translation>“{name}” is missing, damaged, or neither sound nor video.</translation>
    </message>
    <message>
        <source>Check that the file is still there and plays in another program.</source>
        <translation>Check that the file is still there and plays in another program.</translation>
    </message>
    <message>
        <source>There is no sound in this file</source>
        <translation>There is no sound in this file</translation>
    </message>
    <message>
        <source>“{name}” holds no sound track, or one without any sound in it.</source>
        <translation>“{name}” holds no sound track, or one without any sound in it.</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>Choose another file.</translation>
    </message>
    <message>
        <source>The sound cannot be played</source>
        <translation>The sound cannot be played</translation>
    </message>
    <message>
        <source>No loudspeaker or headphones could be opened.</source>
        <translation>No loudspeaker or headphones could be opened.</translation>
    </message>
    <message>
        <source>Check the sound output in the system&apos;s settings and try again.</source>
        <translation>Check the sound output in the system&apos;s settings and try again.</translation>
    </message>
    <message>
        <source>Sound does not work on this computer yet</source>
        <translation>Sound does not work on this computer yet</translation>
    </message>
    <message>
        <source>The sound library PortAudio could not be loaded.</source>
        <translation>The sound library PortAudio could not be loaded.</translation>
    </message>
    <message>
        <source>Install it (on Debian and Ubuntu: libportaudio2) and start Triptych again.</source>
        <translation>Install it (on Debian and Ubuntu: libportaudio2) and start Triptych again.</translation>
    </message>
    <message>
        <source>a picture</source>
        <translation>a picture</translation>
    </message>
    <message>
        <source>a picture or a text file</source>
        <translation>a picture or a text file</translation>
    </message>
    <message>
        <source>No backup could be made</source>
        <translation>No backup could be made</translation>
    </message>
    <message>
        <source>{path} could not be copied without errors; older backups are kept.</source>
        <translation>{path} could not be copied without errors; older backups are kept.</translation>
    </message>
    <message>
        <source>Start Triptych again: it then checks its data.</source>
        <translation>Start Triptych again: it then checks its data.</translation>
    </message>
    <message>
        <source>This backup cannot be used</source>
        <translation>This backup cannot be used</translation>
    </message>
    <message>
        <source>{name} is damaged or was not made by Triptych. Your present data is as it was.</source>
        <translation>{name} is damaged or was not made by Triptych. Your present data is as it was.</translation>
    </message>
    <message>
        <source>Choose another backup.</source>
        <translation>Choose another backup.</translation>
    </message>
    <message>
        <source>The history was damaged and has been repaired</source>
        <translation>The history was damaged and has been repaired</translation>
    </message>
    <message>
        <source>Everything could be read. Conversations that are there: {saved}. The damaged file is kept as {copy}.</source>
        <translation>Everything could be read. Conversations that are there: {saved}. The damaged file is kept as {copy}.</translation>
    </message>
    <message>
        <source>A disk that damages files may do so again: check it, and keep a copy elsewhere.</source>
        <translation>A disk that damages files may do so again: check it, and keep a copy elsewhere.</translation>
    </message>
    <message>
        <source>The history was damaged; most likely something is missing</source>
        <translation>The history was damaged; most likely something is missing</translation>
    </message>
    <message>
        <source>Conversations saved: {saved}. Not readable any more: at most {conversations} conversations, and {messages} messages. The damaged file is kept as {copy}.</source>
        <translation>Conversations saved: {saved}. Not readable any more: at most {conversations} conversations, and {messages} messages. The damaged file is kept as {copy}.</translation>
    </message>
    <message>
        <source>A backup may have what is missing; it can be restored whole or in parts.</source>
        <translation>A backup may have what is missing; it can be restored whole or in parts.</translation>
    </message>
    <message>
        <source>The history is gone</source>
        <translation>The history is gone</translation>
    </message>
    <message>
        <source>{path} is missing or empty; Triptych goes on with a fresh one.</source>
        <translation>{path} is missing or empty; Triptych goes on with a fresh one.</translation>
    </message>
    <message>
        <source>A backup has what was in it when that was made.</source>
        <translation>A backup has what was in it when that was made.</translation>
    </message>
    <message>
        <source>The data folder is gone</source>
        <translation>The data folder is gone</translation>
    </message>
    <message>
        <source>{path} was removed, or its disk was taken out. Nothing that you do now is saved.</source>
        <translation>{path} was removed, or its disk was taken out. Nothing that you do now is saved.</translation>
    </message>
    <message>
        <source>Export everything before you quit, bring the folder back if you can, and start Triptych again.</source>
        <translation>Export everything before you quit, bring the folder back if you can, and start Triptych again.</translation>
    </message>
    <message>
        <source>The recording has ended: the disk takes no more</source>
        <translation>The recording has ended: the disk takes no more</translation>
    </message>
    <message>
        <source>What was recorded until then, {duration}, is kept in {path}.</source>
        <translation>What was recorded until then, {duration}, is kept in {path}.</translation>
    </message>
    <message>
        <source>Free some space before you record again.</source>
        <translation>Free some space before you record again.</translation>
    </message>
    <message>
        <source>Nothing new can be saved</source>
        <translation>Nothing new can be saved</translation>
    </message>
    <message>
        <source>Nothing can be written to {path}. What is there is on show; what you do now is kept in memory until you quit.</source>
        <translation>Nothing can be written to {path}. What is there is on show; what you do now is kept in memory until you quit.</translation>
    </message>
    <message>
        <source>Make the folder writable, or room on its disk, and start Triptych again; or export everything before you quit.</source>
        <translation>Make the folder writable, or room on its disk, and start Triptych again; or export everything before you quit.</translation>
    </message>
    <message>
        <source>The file cannot be imported</source>
        <translation>The file cannot be imported</translation>
    </message>
    <message>
        <source>“{name}”: {reason} Nothing was changed.</source>
        <translation>“{name}”: {reason} Nothing was changed.</translation>
    </message>
    <message>
        <source>Choose a file that Triptych or ChatGPT has exported, as it was exported.</source>
        <translation>Choose a file that Triptych or ChatGPT has exported, as it was exported.</translation>
    </message>
    <message>
        <source>This is no export that Triptych knows.</source>
        <translation>This is no export that Triptych knows.</translation>
    </message>
    <message>
        <source>The file is damaged or not complete.</source>
        <translation>The file is damaged or not complete.</translation>
    </message>
    <message>
        <source>Something in it is not as it should be.</source>
        <translation>Something in it is not as it should be.</translation>
    </message>
    <message>
        <source>It was exported by a newer Triptych.</source>
        <translation>It was exported by a newer Triptych.</translation>
    </message>
    <message>
        <source>It holds more than an export can hold.</source>
        <translation>It holds more than an export can hold.</translation>
    </message>
    <message>
        <source>It tries to write files outside of its place.</source>
        <translation>It tries to write files outside of its place.</translation>
    </message>
    <message>
        <source>This is not a file</source>
        <translation>This is not a file</translation>
    </message>
    <message>
        <source>“{name}” is a folder, a device or a broken link, or it is gone.</source>
        <translation>“{name}” is a folder, a device or a broken link, or it is gone.</translation>
    </message>
    <message>
        <source>Choose a file.</source>
        <translation>Choose a file.</translation>
    </message>
    <message>
        <source>The picture is damaged</source>
        <translation>The picture is damaged</translation>
    </message>
    <message>
        <source>“{name}” begins like a picture, but the rest is missing or wrong.</source>
        <translation>“{name}” begins like a picture, but the rest is missing or wrong.</translation>
    </message>
    <message>
        <source>Save or download it once more, then try again.</source>
        <translation>Save or download it once more, then try again.</translation>
    </message>
    <message>
        <source>The text is too long</source>
        <translation>The text is too long</translation>
    </message>
    <message>
        <source>“{name}” holds {size} of text; a message takes at most {most} at once.</source>
        <translation>“{name}” holds {size} of text; a message takes at most {most} at once.</translation>
    </message>
    <message>
        <source>Keep the part that matters in a file of its own and use that.</source>
        <translation>Keep the part that matters in a file of its own and use that.</translation>
    </message>
    <message>
        <source>The sound is too long</source>
        <translation>The sound is too long</translation>
    </message>
    <message>
        <source>“{name}” would last longer than {hours} hours, or its header is wrong.</source>
        <translation>“{name}” would last longer than {hours} hours, or its header is wrong.</translation>
    </message>
    <message>
        <source>Cut it into shorter files with another program.</source>
        <translation>Cut it into shorter files with another program.</translation>
    </message>
    <message>
        <source>Some files cannot be used</source>
        <translation>Some files cannot be used</translation>
    </message>
    <message>
        <source>{count} files were left out: {names}.</source>
        <translation>{count} files were left out: {names}.</translation>
    </message>
    <message>
        <source>Check that they are still there and open in another program.</source>
        <translation>Check that they are still there and open in another program.</translation>
    </message>
    <message>
        <source>There are too many files in this folder</source>
        <translation>There are too many files in this folder</translation>
    </message>
    <message>
        <source>“{name}” holds more than {most} files, so none of them was attached.</source>
        <translation>“{name}” holds more than {most} files, so none of them was attached.</translation>
    </message>
    <message>
        <source>Drop only the files that the message needs.</source>
        <translation>Drop only the files that the message needs.</translation>
    </message>
    <message>
        <source>There is nothing in this folder to attach</source>
        <translation>There is nothing in this folder to attach</translation>
    </message>
    <message>
        <source>“{name}” holds no files; folders inside it are not looked into.</source>
        <translation>“{name}” holds no files; folders inside it are not looked into.</translation>
    </message>
    <message>
        <source>This link is not opened</source>
        <translation>This link is not opened</translation>
    </message>
    <message>
        <source>“{address}” is the address of neither a web page nor a mailbox.</source>
        <translation>“{address}” is the address of neither a web page nor a mailbox.</translation>
    </message>
    <message>
        <source>A link in an answer could open or run something on this computer.</source>
        <translation>A link in an answer could open or run something on this computer.</translation>
    </message>
    <message>
        <source>The pasted text is too long</source>
        <translation>The pasted text is too long</translation>
    </message>
    <message>
        <source>It has {length} characters; a message takes at most {most}.</source>
        <translation>It has {length} characters; a message takes at most {most}.</translation>
    </message>
    <message>
        <source>It is still on the clipboard. Paste only the part that matters.</source>
        <translation>It is still on the clipboard. Paste only the part that matters.</translation>
    </message>
    <message>
        <source>Nothing on this computer opens it</source>
        <translation>Nothing on this computer opens it</translation>
    </message>
    <message>
        <source>The desktop found no program for “{name}”.</source>
        <translation>The desktop found no program for “{name}”.</translation>
    </message>
    <message>
        <source>Choose a program for such files in the settings of the desktop.</source>
        <translation>Choose a program for such files in the settings of the desktop.</translation>
    </message>
    <message>
        <source>The built-in engine did not answer any more</source>
        <translation>The built-in engine did not answer any more</translation>
    </message>
    <message>
        <source>It did nothing for {seconds} seconds and was ended; it is started again on the next request.</source>
        <translation>It did nothing for {seconds} seconds and was ended; it is started again on the next request.</translation>
    </message>
    <message>
        <source>The model&apos;s file cannot be used</source>
        <translation>The model&apos;s file cannot be used</translation>
    </message>
    <message>
        <source>The file of “{model}” is gone, damaged, incomplete, or of a kind that the engine cannot run.</source>
        <translation>The file of “{model}” is gone, damaged, incomplete, or of a kind that the engine cannot run.</translation>
    </message>
    <message>
        <source>Remove it on the Models page and download it again, or choose another model at the top right.</source>
        <translation>Remove it on the Models page and download it again, or choose another model at the top right.</translation>
    </message>
    <message>
        <source>There is not enough memory for this model</source>
        <translation>There is not enough memory for this model</translation>
    </message>
    <message>
        <source>“{model}” does not fit into the memory that is free at the moment.</source>
        <translation>“{model}” does not fit into the memory that is free at the moment.</translation>
    </message>
    <message>
        <source>Close other programs and try again, or choose a smaller model.</source>
        <translation>Close other programs and try again, or choose a smaller model.</translation>
    </message>
    <message>
        <source>The model could not be downloaded</source>
        <translation>The model could not be downloaded</translation>
    </message>
    <message>
        <source>If it stays, look for the newest version on the website.</source>
        <translation>If it stays, look for the newest version on the website.</translation>
    </message>
    <message>
        <source>There was no update</source>
        <translation>There was no update</translation>
    </message>
    <message>
        <source>It could not be asked for updates</source>
        <translation>It could not be asked for updates</translation>
    </message>
    <message>
        <source>{host} did not answer as it should.</source>
        <translation>{host} did not answer as it should.</translation>
    </message>
    <message>
        <source>Check the network and try again later; Triptych works as before.</source>
        <translation>Check the network and try again later; Triptych works as before.</translation>
    </message>
    <message>
        <source>The answer about updates makes no sense</source>
        <translation>The answer about updates makes no sense</translation>
    </message>
    <message>
        <source>What {host} sent is no list of releases. Nothing was changed.</source>
        <translation>What {host} sent is no list of releases. Nothing was changed.</translation>
    </message>
    <message>
        <source>A network that wants a log-in first may be the reason. Try again later.</source>
        <translation>A network that wants a log-in first may be the reason. Try again later.</translation>
    </message>
    <message>
        <source>Updates are sent from somewhere else</source>
        <translation>Updates are sent from somewhere else</translation>
    </message>
    <message>
        <source>{host} sends on to {location}; nothing was asked for or taken there.</source>
        <translation>{host} sends on to {location}; nothing was asked for or taken there.</translation>
    </message>
    <message>
        <source>The update was refused: its signature is wrong</source>
        <translation>The update was refused: its signature is wrong</translation>
    </message>
    <message>
        <source>What {host} offers was not signed by those who make Triptych, or was changed on the way.</source>
        <translation>What {host} offers was not signed by those who make Triptych, or was changed on the way.</translation>
    </message>
    <message>
        <source>The list of releases is out of date</source>
        <translation>The list of releases is out of date</translation>
    </message>
    <message>
        <source>It was good until {date}. Somebody may be hiding newer versions, or this computer&apos;s clock is wrong.</source>
        <translation>It was good until {date}. Somebody may be hiding newer versions, or this computer&apos;s clock is wrong.</translation>
    </message>
    <message>
        <source>Check date and time, then look for the newest version on the website.</source>
        <translation>Check date and time, then look for the newest version on the website.</translation>
    </message>
    <message>
        <source>The update was refused: an old list of releases</source>
        <translation>The update was refused: an old list of releases</translation>
    </message>
    <message>
        <source>{host} shows an older list than before, as somebody would who wants an old version installed.</source>
        <translation>{host} shows an older list than before, as somebody would who wants an old version installed.</translation>
    </message>
    <message>
        <source>The download of the update broke off</source>
        <translation>The download of the update broke off</translation>
    </message>
    <message>
        <source>{host} {reason}, and {other_host} {other_reason}.</source>
        <translation>{host} {reason}, and {other_host} {other_reason}.</translation>
    </message>
    <message>
        <source>Check the network and try again. A provider works without a model.</source>
        <translation>Check the network and try again. A provider works without a model.</translation>
    </message>
    <message>
        <source>There is no connection to {host}.</source>
        <translation>There is no connection to {host}.</translation>
    </message>
    <message>
        <source>Check the network, and the proxy if there is one, and try again. A provider works without a model.</source>
        <translation>Check the network, and the proxy if there is one, and try again. A provider works without a model.</translation>
    </message>
    <message>
        <source>cannot be reached</source>
        <translation>cannot be reached</translation>
    </message>
    <message>
        <source>The certificate of {host} is not trusted on this computer, so nothing was asked for or taken there.</source>
        <translation>The certificate of {host} is not trusted on this computer, so nothing was asked for or taken there.</translation>
    </message>
    <message>
        <source>Check date and time. A network that wants a log-in first, or reads along, may be the reason as well.</source>
        <translation>Check date and time. A network that wants a log-in first, or reads along, may be the reason as well.</translation>
    </message>
    <message>
        <source>has a certificate that is not trusted</source>
        <translation>has a certificate that is not trusted</translation>
    </message>
    <message>
        <source>The proxy that this computer uses does not let anything through to {host}, or its address is wrong.</source>
        <translation>The proxy that this computer uses does not let anything through to {host}, or its address is wrong.</translation>
    </message>
    <message>
        <source>Check the proxy in the system&apos;s settings, or in the environment variables HTTPS_PROXY and ALL_PROXY.</source>
        <translation>Check the proxy in the system&apos;s settings, or in the environment variables HTTPS_PROXY and ALL_PROXY.</translation>
    </message>
    <message>
        <source>is behind a proxy that lets nothing through</source>
        <translation>is behind a proxy that lets nothing through</translation>
    </message>
    <message>
        <source>{host} answers with an error instead of the model.</source>
        <translation>{host} answers with an error instead of the model.</translation>
    </message>
    <message>
        <source>Try again later. A provider works without a model.</source>
        <translation>Try again later. A provider works without a model.</translation>
    </message>
    <message>
        <source>answers with an error</source>
        <translation>answers with an error</translation>
    </message>
    <message>
        <source>{host} does not have it.</source>
        <translation>{host} does not have it.</translation>
    </message>
    <message>
        <source>It may have moved, so look for a newer version of Triptych. A provider works without a model.</source>
        <translation>It may have moved, so look for a newer version of Triptych. A provider works without a model.</translation>
    </message>
    <message>
        <source>does not have it</source>
        <translation>does not have it</translation>
    </message>
    <message>
        <source>What {host} sent is something else; it was not kept.</source>
        <translation>What {host} sent is something else; it was not kept.</translation>
    </message>
    <message>
        <source>sent something else</source>
        <translation>sent something else</translation>
    </message>
    <message>
        <source>The download of the model broke off</source>
        <translation>The download of the model broke off</translation>
    </message>
    <message>
        <source>The connection to {host} ended; what arrived is kept.</source>
        <translation>The connection to {host} ended; what arrived is kept.</translation>
    </message>
    <message>
        <source>Try again; it goes on from there.</source>
        <translation>Try again; it goes on from there.</translation>
    </message>
    <message>
        <source>“{host}” is set as the index of Python packages, but is no web address.</source>
        <translation>“{host}” is set as the index of Python packages, but is no web address.</translation>
    </message>
    <message>
        <source>Correct the environment variable UV_DEFAULT_INDEX, UV_INDEX_URL or PIP_INDEX_URL and start Triptych again.</source>
        <translation>Correct the environment variable UV_DEFAULT_INDEX, UV_INDEX_URL or PIP_INDEX_URL and start Triptych again.</translation>
    </message>
    <message>
        <source>The download needs {size} of free space in {path}, and there is less.</source>
        <translation>The download needs {size} of free space in {path}, and there is less.</translation>
    </message>
    <message>
        <source>The model could not be prepared for the engine</source>
        <translation>The model could not be prepared for the engine</translation>
    </message>
    <message>
        <source>It was downloaded, but could not be brought into the engine&apos;s form.</source>
        <translation>It was downloaded, but could not be brought into the engine&apos;s form.</translation>
    </message>
    <message>
        <source>Try again. If it stays, choose another model or connect a provider.</source>
        <translation>Try again. If it stays, choose another model or connect a provider.</translation>
    </message>
    <message>
        <source>The update was refused: it is not what was released</source>
        <translation>The update was refused: it is not what was released</translation>
    </message>
    <message>
        <source>“{name}” from {host} has other contents than its makers signed.</source>
        <translation>“{name}” from {host} has other contents than its makers signed.</translation>
    </message>
    <message>
        <source>It was deleted. Try again later, or get the newest version on the website.</source>
        <translation>It was deleted. Try again later, or get the newest version on the website.</translation>
    </message>
    <message>
        <source>Triptych may not be replaced where it is</source>
        <translation>Triptych may not be replaced where it is</translation>
    </message>
    <message>
        <source>{path} may not be written to. This version stays and works as before.</source>
        <translation>{path} may not be written to. This version stays and works as before.</translation>
    </message>
    <message>
        <source>Move the program to a folder of your own and start it there.</source>
        <translation>Move the program to a folder of your own and start it there.</translation>
    </message>
    <message>
        <source>The update was not installed</source>
        <translation>The update was not installed</translation>
    </message>
    <message>
        <source>This is version {present} still; nothing was lost.</source>
        <translation>This is version {present} still; nothing was lost.</translation>
    </message>
    <message>
        <source>The former version is not there any more</source>
        <translation>The former version is not there any more</translation>
    </message>
    <message>
        <source>{name} is missing or was changed. Program and data are as they were.</source>
        <translation>{name} is missing or was changed. Program and data are as they were.</translation>
    </message>
    <message>
        <source>This is not a server&apos;s address</source>
        <translation>This is not a server&apos;s address</translation>
    </message>
    <message>
        <source>No server can be at {host}, so nothing was sent.</source>
        <translation>No server can be at {host}, so nothing was sent.</translation>
    </message>
    <message>
        <source>Correct the base address in the provider&apos;s settings; it should look like https://api.example.com/v1.</source>
        <translation>Correct the base address in the provider&apos;s settings; it should look like https://api.example.com/v1.</translation>
    </message>
    <message>
        <source>The address is still the template&apos;s</source>
        <translation>The address is still the template&apos;s</translation>
    </message>
    <message>
        <source>Nothing was sent: a stranger may be at {host}.</source>
        <translation>Nothing was sent: a stranger may be at {host}.</translation>
    </message>
    <message>
        <source>In the provider&apos;s settings, put the name of your own resource in place of “{name}”.</source>
        <translation>In the provider&apos;s settings, put the name of your own resource in place of “{name}”.</translation>
    </message>
    <message>
        <source>A web page stands before the server</source>
        <translation>A web page stands before the server</translation>
    </message>
    <message>
        <source>{host} sends requests on to {location}, which looks like a page for people; nothing was sent there.</source>
        <translation>{host} sends requests on to {location}, which looks like a page for people; nothing was sent there.</translation>
    </message>
    <message>
        <source>The network may want you to sign in first, in a browser. Otherwise check the base address in the provider&apos;s settings.</source>
        <translation>The network may want you to sign in first, in a browser. Otherwise check the base address in the provider&apos;s settings.</translation>
    </message>
    <message>
        <source>The server sends requests round in circles</source>
        <translation>The server sends requests round in circles</translation>
    </message>
    <message>
        <source>{host} sends them on to {location}, which belongs to the base address that is set already.</source>
        <translation>{host} sends them on to {location}, which belongs to the base address that is set already.</translation>
    </message>
    <message>
        <source>The server, or a proxy before it, is set up wrongly; another base address does not help.</source>
        <translation>The server, or a proxy before it, is set up wrongly; another base address does not help.</translation>
    </message>
    <message>
        <source>A key is needed</source>
        <translation>A key is needed</translation>
    </message>
    <message>
        <source>{host} wants a key, and none is set for it.</source>
        <translation>{host} wants a key, and none is set for it.</translation>
    </message>
    <message>
        <source>Enter one in the provider&apos;s settings.</source>
        <translation>Enter one in the provider&apos;s settings.</translation>
    </message>
    <message>
        <source>{host} refused it with status {status} and gave no reason.</source>
        <translation>{host} refused it with status {status} and gave no reason.</translation>
    </message>
    <message>
        <source>Try again, without attachments or special settings if there are any, or with another model.</source>
        <translation>Try again, without attachments or special settings if there are any, or with another model.</translation>
    </message>
    <message>
        <source>A header cannot be sent</source>
        <translation>A header cannot be sent</translation>
    </message>
    <message>
        <source>The header “{header}” holds characters that no header can have, so nothing was sent.</source>
        <translation>The header “{header}” holds characters that no header can have, so nothing was sent.</translation>
    </message>
    <message>
        <source>Correct it in the provider&apos;s settings.</source>
        <translation>Correct it in the provider&apos;s settings.</translation>
    </message>
    <message>
        <source>The request cannot be sent</source>
        <translation>The request cannot be sent</translation>
    </message>
    <message>
        <source>One of the additional fields holds an infinite number or none at all, so nothing was sent.</source>
        <translation>One of the additional fields holds an infinite number or none at all, so nothing was sent.</translation>
    </message>
    <message>
        <source>Correct the additional fields of the conversation or of the provider.</source>
        <translation>Correct the additional fields of the conversation or of the provider.</translation>
    </message>
    <message>
        <source>The JSON schema cannot be used</source>
        <translation>The JSON schema cannot be used</translation>
    </message>
    <message>
        <source>It is no JSON: line {line}, column {column} cannot be read. Nothing was sent.</source>
        <translation>It is no JSON: line {line}, column {column} cannot be read. Nothing was sent.</translation>
    </message>
    <message>
        <source>Correct it in the settings of the conversation and send again.</source>
        <translation>Correct it in the settings of the conversation and send again.</translation>
    </message>
    <message>
        <source>{host} accepted the request and then reported an error of its own.</source>
        <translation>{host} accepted the request and then reported an error of its own.</translation>
    </message>
    <message>
        <source>For {seconds} seconds {host} sent signs of life, but no answer.</source>
        <translation>For {seconds} seconds {host} sent signs of life, but no answer.</translation>
    </message>
    <message>
        <source>The answer is too large</source>
        <translation>The answer is too large</translation>
    </message>
    <message>
        <source>{host} sends more than any real answer holds ({most}); the rest was not read.</source>
        <translation>{host} sends more than any real answer holds ({most}); the rest was not read.</translation>
    </message>
    <message>
        <source>The answer arrived damaged</source>
        <translation>The answer arrived damaged</translation>
    </message>
    <message>
        <source>What {host} sent cannot be unpacked. A proxy may have damaged it on its way.</source>
        <translation>What {host} sent cannot be unpacked. A proxy may have damaged it on its way.</translation>
    </message>
    <message>
        <source>No picture came</source>
        <translation>No picture came</translation>
    </message>
    <message>
        <source>What {host} sent as a picture is none that can be read.</source>
        <translation>What {host} sent as a picture is none that can be read.</translation>
    </message>
    <message>
        <source>The connection to {host} ended before anything of the answer had come.</source>
        <translation>The connection to {host} ended before anything of the answer had come.</translation>
    </message>
    <message numerus="yes">
        <source>Try again in about %n minute(s), as the server asks.</source>
        <translation>
            <numerusform>Try again in about %n minute, as the server asks.</numerusform>
            <numerusform>Try again in about %n minutes, as the server asks.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Try again in about %n hour(s), as the server asks.</source>
        <translation>
            <numerusform>Try again in about %n hour, as the server asks.</numerusform>
            <numerusform>Try again in about %n hours, as the server asks.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Try again in about %n day(s), as the server asks.</source>
        <translation>
            <numerusform>Try again in about %n day, as the server asks.</numerusform>
            <numerusform>Try again in about %n days, as the server asks.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Gallery</name>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>%n selected</numerusform>
            <numerusform>%n selected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n picture</numerusform>
            <numerusform>%n pictures</numerusform>
        </translation>
    </message>
    <message>
        <source>Search prompts, models, dates</source>
        <translation>Search prompts, models, dates</translation>
    </message>
    <message>
        <source>Search pictures</source>
        <translation>Search pictures</translation>
    </message>
    <message>
        <source>No matching pictures</source>
        <translation>No matching pictures</translation>
    </message>
    <message>
        <source>Try fewer or other words.</source>
        <translation>Try fewer or other words.</translation>
    </message>
    <message>
        <source>Show all pictures</source>
        <translation>Show all pictures</translation>
    </message>
</context>
<context>
    <name>GalleryView</name>
    <message>
        <source>Pictures</source>
        <translation>Pictures</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>General</source>
        <translation>General</translation>
    </message>
    <message>
        <source>The program&apos;s own folder</source>
        <translation>The program&apos;s own folder</translation>
    </message>
</context>
<context>
    <name>ImageChoices</name>
    <message>
        <source>Automatic</source>
        <translation>Automatic</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Low</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>Medium</translation>
    </message>
    <message>
        <source>High</source>
        <translation>High</translation>
    </message>
    <message>
        <source>Very high</source>
        <translation>Very high</translation>
    </message>
    <message>
        <source>Highest</source>
        <translation>Highest</translation>
    </message>
    <message>
        <source>Standard</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>HD</source>
        <translation>HD</translation>
    </message>
    <message>
        <source>Opaque</source>
        <translation>Opaque</translation>
    </message>
    <message>
        <source>Transparent</source>
        <translation>Transparent</translation>
    </message>
    <message>
        <source>Made from words</source>
        <translation>Made from words</translation>
    </message>
    <message>
        <source>Made from pictures</source>
        <translation>Made from pictures</translation>
    </message>
    <message>
        <source>Enlarged</source>
        <translation>Enlarged</translation>
    </message>
</context>
<context>
    <name>ImageSizes</name>
    <message>
        <source>Each edge must have at least {limit} pixels.</source>
        <translation>Each edge must have at least {limit} pixels.</translation>
    </message>
    <message>
        <source>Each edge may have at most {limit} pixels.</source>
        <translation>Each edge may have at most {limit} pixels.</translation>
    </message>
    <message>
        <source>Width and height must be multiples of {limit}.</source>
        <translation>Width and height must be multiples of {limit}.</translation>
    </message>
    <message>
        <source>The longer edge may be at most {limit} times the shorter one.</source>
        <translation>The longer edge may be at most {limit} times the shorter one.</translation>
    </message>
    <message>
        <source>Width times height must be at least {limit} pixels.</source>
        <translation>Width times height must be at least {limit} pixels.</translation>
    </message>
    <message>
        <source>Width times height may be at most {limit} pixels.</source>
        <translation>Width times height may be at most {limit} pixels.</translation>
    </message>
</context>
<context>
    <name>ImagesTab</name>
    <message>
        <source>Generate or enlarge pictures</source>
        <translation>Generate or enlarge pictures</translation>
    </message>
    <message>
        <source>Choose pictures…</source>
        <translation>Choose pictures…</translation>
    </message>
    <message>
        <source>Cancel all pictures in progress</source>
        <translation>Cancel all pictures in progress</translation>
    </message>
    <message>
        <source>Search pictures</source>
        <translation>Search pictures</translation>
    </message>
    <message>
        <source>Scan the folder for pictures</source>
        <translation>Scan the folder for pictures</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) are still being made and would be lost.</source>
        <translation>
            <numerusform>%n picture are still being made and would be lost.</numerusform>
            <numerusform>%n pictures are still being made and would be lost.</numerusform>
        </translation>
    </message>
    <message>
        <source>Your pictures appear here</source>
        <translation>Your pictures appear here</translation>
    </message>
    <message>
        <source>Describe one on the left and press Generate, or drop pictures here to start from them.</source>
        <translation>Describe one on the left and press Generate, or drop pictures here to start from them.</translation>
    </message>
    <message>
        <source>Drop a small picture here and press Enlarge: it comes out four times as wide and high.</source>
        <translation>Drop a small picture here and press Enlarge: it comes out four times as wide and high.</translation>
    </message>
    <message>
        <source>Download the model for enlarging pictures, or connect a provider.</source>
        <translation>Download the model for enlarging pictures, or connect a provider.</translation>
    </message>
</context>
<context>
    <name>Intake</name>
    <message>
        <source>Add the sound and video files of this folder</source>
        <translation>Add the sound and video files of this folder</translation>
    </message>
    <message numerus="yes">
        <source>Add %n file(s) to be transcribed</source>
        <translation>
            <numerusform>Add %n file to be transcribed</numerusform>
            <numerusform>Add %n files to be transcribed</numerusform>
        </translation>
    </message>
    <message>
        <source>Sound and video ({patterns})</source>
        <translation>Sound and video ({patterns})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>All files (*)</translation>
    </message>
    <message>
        <source>Add sound or video files</source>
        <translation>Add sound or video files</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>Pasted picture</translation>
    </message>
    <message>
        <source>Pictures ({patterns})</source>
        <translation>Pictures ({patterns})</translation>
    </message>
    <message>
        <source>Choose pictures</source>
        <translation>Choose pictures</translation>
    </message>
    <message>
        <source>Prompt and settings of the picture are in the form</source>
        <translation>Prompt and settings of the picture are in the form</translation>
    </message>
</context>
<context>
    <name>JobStrip</name>
    <message>
        <source>In progress</source>
        <translation>In progress</translation>
    </message>
    <message>
        <source>Not finished</source>
        <translation>Not finished</translation>
    </message>
    <message>
        <source>Cancel all</source>
        <translation>Cancel all</translation>
    </message>
</context>
<context>
    <name>JobTile</name>
    <message>
        <source>Waiting for its turn</source>
        <translation>Waiting for its turn</translation>
    </message>
    <message>
        <source>Getting the built-in engine ready</source>
        <translation>Getting the built-in engine ready</translation>
    </message>
    <message>
        <source>Trying again in {time}</source>
        <translation>Trying again in {time}</translation>
    </message>
    <message>
        <source>{elapsed}, about {left} left</source>
        <translation>{elapsed}, about {left} left</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Dismiss</translation>
    </message>
    <message>
        <source>Dismiss: {title}</source>
        <translation>Dismiss: {title}</translation>
    </message>
    <message>
        <source>What went wrong: {title}</source>
        <translation>What went wrong: {title}</translation>
    </message>
    <message>
        <source>Progress: {title}</source>
        <translation>Progress: {title}</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>No key has a character like “{letter}” (number {position}), so it was not stored.</source>
        <translation>No key has a character like “{letter}” (number {position}), so it was not stored.</translation>
    </message>
    <message>
        <source>Paste the key here</source>
        <translation>Paste the key here</translation>
    </message>
    <message>
        <source>Not needed by most servers of this kind</source>
        <translation>Not needed by most servers of this kind</translation>
    </message>
    <message>
        <source>A key is stored</source>
        <translation>A key is stored</translation>
    </message>
    <message>
        <source>Remove key</source>
        <translation>Remove key</translation>
    </message>
    <message>
        <source>Show what is typed</source>
        <translation>Show what is typed</translation>
    </message>
    <message>
        <source>Kept in this system&apos;s key store, never in a file of Triptych.</source>
        <translation>Kept in this system&apos;s key store, never in a file of Triptych.</translation>
    </message>
    <message>
        <source>This system offers no key store, so the key is kept for this session only and has to be entered again after the next start.</source>
        <translation>This system offers no key store, so the key is kept for this session only and has to be entered again after the next start.</translation>
    </message>
</context>
<context>
    <name>Languages</name>
    <message>
        <source>Afrikaans</source>
        <translation>Afrikaans</translation>
    </message>
    <message>
        <source>Arabic</source>
        <translation>Arabic</translation>
    </message>
    <message>
        <source>Azerbaijani</source>
        <translation>Azerbaijani</translation>
    </message>
    <message>
        <source>Belarusian</source>
        <translation>Belarusian</translation>
    </message>
    <message>
        <source>Bulgarian</source>
        <translation>Bulgarian</translation>
    </message>
    <message>
        <source>Bosnian</source>
        <translation>Bosnian</translation>
    </message>
    <message>
        <source>Catalan</source>
        <translation>Catalan</translation>
    </message>
    <message>
        <source>Czech</source>
        <translation>Czech</translation>
    </message>
    <message>
        <source>Welsh</source>
        <translation>Welsh</translation>
    </message>
    <message>
        <source>Danish</source>
        <translation>Danish</translation>
    </message>
    <message>
        <source>German</source>
        <translation>German</translation>
    </message>
    <message>
        <source>Greek</source>
        <translation>Greek</translation>
    </message>
    <message>
        <source>English</source>
        <translation>English</translation>
    </message>
    <message>
        <source>Spanish</source>
        <translation>Spanish</translation>
    </message>
    <message>
        <source>Estonian</source>
        <translation>Estonian</translation>
    </message>
    <message>
        <source>Persian</source>
        <translation>Persian</translation>
    </message>
    <message>
        <source>Finnish</source>
        <translation>Finnish</translation>
    </message>
    <message>
        <source>French</source>
        <translation>French</translation>
    </message>
    <message>
        <source>Galician</source>
        <translation>Galician</translation>
    </message>
    <message>
        <source>Hebrew</source>
        <translation>Hebrew</translation>
    </message>
    <message>
        <source>Hindi</source>
        <translation>Hindi</translation>
    </message>
    <message>
        <source>Croatian</source>
        <translation>Croatian</translation>
    </message>
    <message>
        <source>Hungarian</source>
        <translation>Hungarian</translation>
    </message>
    <message>
        <source>Armenian</source>
        <translation>Armenian</translation>
    </message>
    <message>
        <source>Indonesian</source>
        <translation>Indonesian</translation>
    </message>
    <message>
        <source>Italian</source>
        <translation>Italian</translation>
    </message>
    <message>
        <source>Japanese</source>
        <translation>Japanese</translation>
    </message>
    <message>
        <source>Kazakh</source>
        <translation>Kazakh</translation>
    </message>
    <message>
        <source>Kannada</source>
        <translation>Kannada</translation>
    </message>
    <message>
        <source>Korean</source>
        <translation>Korean</translation>
    </message>
    <message>
        <source>Lithuanian</source>
        <translation>Lithuanian</translation>
    </message>
    <message>
        <source>Latvian</source>
        <translation>Latvian</translation>
    </message>
    <message>
        <source>Maori</source>
        <translation>Maori</translation>
    </message>
    <message>
        <source>Macedonian</source>
        <translation>Macedonian</translation>
    </message>
    <message>
        <source>Marathi</source>
        <translation>Marathi</translation>
    </message>
    <message>
        <source>Malay</source>
        <translation>Malay</translation>
    </message>
    <message>
        <source>Nepali</source>
        <translation>Nepali</translation>
    </message>
    <message>
        <source>Dutch</source>
        <translation>Dutch</translation>
    </message>
    <message>
        <source>Norwegian</source>
        <translation>Norwegian</translation>
    </message>
    <message>
        <source>Polish</source>
        <translation>Polish</translation>
    </message>
    <message>
        <source>Portuguese</source>
        <translation>Portuguese</translation>
    </message>
    <message>
        <source>Romanian</source>
        <translation>Romanian</translation>
    </message>
    <message>
        <source>Russian</source>
        <translation>Russian</translation>
    </message>
    <message>
        <source>Slovak</source>
        <translation>Slovak</translation>
    </message>
    <message>
        <source>Slovenian</source>
        <translation>Slovenian</translation>
    </message>
    <message>
        <source>Serbian</source>
        <translation>Serbian</translation>
    </message>
    <message>
        <source>Swedish</source>
        <translation>Swedish</translation>
    </message>
    <message>
        <source>Swahili</source>
        <translation>Swahili</translation>
    </message>
    <message>
        <source>Tamil</source>
        <translation>Tamil</translation>
    </message>
    <message>
        <source>Thai</source>
        <translation>Thai</translation>
    </message>
    <message>
        <source>Tagalog</source>
        <translation>Tagalog</translation>
    </message>
    <message>
        <source>Turkish</source>
        <translation>Turkish</translation>
    </message>
    <message>
        <source>Ukrainian</source>
        <translation>Ukrainian</translation>
    </message>
    <message>
        <source>Urdu</source>
        <translation>Urdu</translation>
    </message>
    <message>
        <source>Vietnamese</source>
        <translation>Vietnamese</translation>
    </message>
    <message>
        <source>Chinese</source>
        <translation>Chinese</translation>
    </message>
</context>
<context>
    <name>LearnedLessons</name>
    <message>
        <source>Learned from refusals</source>
        <translation>Learned from refusals</translation>
    </message>
    <message>
        <source>This server refused something for these models, so it is not asked for again. Reset tries anew.</source>
        <translation>This server refused something for these models, so it is not asked for again. Reset tries anew.</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Reset</translation>
    </message>
    <message>
        <source>Forget what was learned from refusals</source>
        <translation>Forget what was learned from refusals</translation>
    </message>
</context>
<context>
    <name>Leaving</name>
    <message>
        <source>Quit although something could not be saved?</source>
        <translation>Quit although something could not be saved?</translation>
    </message>
    <message>
        <source>The disk did not take what was written last. Free some space and try again, or copy it and keep it elsewhere. Otherwise it is lost.</source>
        <translation>The disk did not take what was written last. Free some space and try again, or copy it and keep it elsewhere. Otherwise it is lost.</translation>
    </message>
    <message>
        <source>It is on the clipboard: paste it somewhere before you turn off the computer.</source>
        <translation>It is on the clipboard: paste it somewhere before you turn off the computer.</translation>
    </message>
    <message>
        <source>Quit in the middle of work?</source>
        <translation>Quit in the middle of work?</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quit</translation>
    </message>
    <message>
        <source>Save elsewhere…</source>
        <translation>Save elsewhere…</translation>
    </message>
    <message>
        <source>Quit although nothing of this session is kept?</source>
        <translation>Quit although nothing of this session is kept?</translation>
    </message>
    <message>
        <source>The data of Triptych could not be written, so what was added since the start is only in memory. Export everything to keep it: an export can be imported later.</source>
        <translation>The data of Triptych could not be written, so what was added since the start is only in memory. Export everything to keep it: an export can be imported later.</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>Export everything…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Try again</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) could not be saved where pictures go. Save them in another folder, or they are lost.</source>
        <translation>
            <numerusform>%n picture could not be saved where pictures go. Save them in another folder, or they are lost.</numerusform>
            <numerusform>%n pictures could not be saved where pictures go. Save them in another folder, or they are lost.</numerusform>
        </translation>
    </message>
    <message>
        <source>Save the pictures in</source>
        <translation>Save the pictures in</translation>
    </message>
    <message>
        <source>Copy the text</source>
        <translation>Copy the text</translation>
    </message>
    <message>
        <source>Quit anyway</source>
        <translation>Quit anyway</translation>
    </message>
</context>
<context>
    <name>Lessons</name>
    <message>
        <source>{field} sent as {instead}</source>
        <translation>{field} sent as {instead}</translation>
    </message>
    <message>
        <source>sent without {fields}</source>
        <translation>sent without {fields}</translation>
    </message>
    <message>
        <source>not streamed</source>
        <translation>not streamed</translation>
    </message>
    <message>
        <source>system prompt sent as developer</source>
        <translation>system prompt sent as developer</translation>
    </message>
    <message>
        <source>system prompt sent with the first message</source>
        <translation>system prompt sent with the first message</translation>
    </message>
    <message>
        <source>messages sent as plain text</source>
        <translation>messages sent as plain text</translation>
    </message>
    <message>
        <source>messages sent in parts</source>
        <translation>messages sent in parts</translation>
    </message>
    <message>
        <source>asked for the text without times</source>
        <translation>asked for the text without times</translation>
    </message>
</context>
<context>
    <name>LicenceBox</name>
    <message>
        <source>Licence of {name}</source>
        <translation>Licence of {name}</translation>
    </message>
    <message>
        <source>Open {address}</source>
        <translation>Open {address}</translation>
    </message>
</context>
<context>
    <name>LivePage</name>
    <message>
        <source>The newest sound</source>
        <translation>The newest sound</translation>
    </message>
    <message>
        <source>Paused. Press Resume to go on, or the round button when you are done.</source>
        <translation>Paused. Press Resume to go on, or the round button when you are done.</translation>
    </message>
    <message>
        <source>Saved while you speak. Press the round button again when you are done.</source>
        <translation>Saved while you speak. Press the round button again when you are done.</translation>
    </message>
</context>
<context>
    <name>MainMenu</name>
    <message>
        <source>Help</source>
        <translation>Help</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Choose a model</source>
        <translation>Choose a model</translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation>Command palette</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Settings</translation>
    </message>
    <message>
        <source>Providers</source>
        <translation>Providers</translation>
    </message>
    <message>
        <source>Models on this computer</source>
        <translation>Models on this computer</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Zoom in</translation>
    </message>
    <message>
        <source>Triptych runs in safe mode</source>
        <translation>Triptych runs in safe mode</translation>
    </message>
    <message>
        <source>The built-in engine is off. The window&apos;s last state, the chosen models and your theme are not used and stay as they are. Conversations and providers are there as usual.</source>
        <translation>The built-in engine is off. The window&apos;s last state, the chosen models and your theme are not used and stay as they are. Conversations and providers are there as usual.</translation>
    </message>
    <message>
        <source>Restart normally</source>
        <translation>Restart normally</translation>
    </message>
    <message>
        <source>Restart in safe mode</source>
        <translation>Restart in safe mode</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Zoom out</translation>
    </message>
    <message>
        <source>Reset zoom</source>
        <translation>Reset zoom</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Keyboard shortcuts</translation>
    </message>
    <message>
        <source>Check for updates…</source>
        <translation>Check for updates…</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>Export everything…</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Import…</translation>
    </message>
    <message>
        <source>Restore from a backup…</source>
        <translation>Restore from a backup…</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>Report a problem…</translation>
    </message>
    <message>
        <source>About Triptych</source>
        <translation>About Triptych</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quit</translation>
    </message>
    <message>
        <source>{name} (safe mode)</source>
        <translation>{name} (safe mode)</translation>
    </message>
    <message>
        <source>Settings ({keys})</source>
        <translation>Settings ({keys})</translation>
    </message>
    <message>
        <source>More</source>
        <translation>More</translation>
    </message>
</context>
<context>
    <name>MakerPanel</name>
    <message numerus="yes">
        <source>Start from %n picture(s)</source>
        <translation>
            <numerusform>Start from %n picture</numerusform>
            <numerusform>Start from %n pictures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Enlarge %n picture(s) ×4</source>
        <translation>
            <numerusform>Enlarge %n picture ×4</numerusform>
            <numerusform>Enlarge %n pictures ×4</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MarkdownView</name>
    <message>
        <source>This text is longer than what is shown; copying takes all of it.</source>
        <translation>This text is longer than what is shown; copying takes all of it.</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>Show more</translation>
    </message>
</context>
<context>
    <name>MessageAttachments</name>
    <message>
        <source>Attachments</source>
        <translation>Attachments</translation>
    </message>
</context>
<context>
    <name>MessageClipboard</name>
    <message>
        <source>Copy text</source>
        <translation>Copy text</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>Copy as Markdown</translation>
    </message>
    <message>
        <source>Copy as rich text</source>
        <translation>Copy as rich text</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>Copy link address</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Select all</translation>
    </message>
</context>
<context>
    <name>MessageFooter</name>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Edit</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>Regenerate</translation>
    </message>
    <message>
        <source>New conversation from here</source>
        <translation>New conversation from here</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>Previous version</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>Next version</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>Version {number} of {count}</translation>
    </message>
</context>
<context>
    <name>MessageView</name>
    <message>
        <source>You</source>
        <translation>You</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>Assistant</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Answer by {model}: {text}</source>
        <translation>Answer by {model}: {text}</translation>
    </message>
    <message>
        <source>{who}: {text}</source>
        <translation>{who}: {text}</translation>
    </message>
</context>
<context>
    <name>ModelAbilities</name>
    <message>
        <source>Not asked yet. Test the connection, or ask for the list.</source>
        <translation>Not asked yet. Test the connection, or ask for the list.</translation>
    </message>
    <message>
        <source>Servers do not tell what a model can do. Choose one to correct the guess.</source>
        <translation>Servers do not tell what a model can do. Choose one to correct the guess.</translation>
    </message>
    <message>
        <source>What {model} can do:</source>
        <translation>What {model} can do:</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Models</translation>
    </message>
    <message>
        <source>Ask for the list</source>
        <translation>Ask for the list</translation>
    </message>
    <message>
        <source>Asking</source>
        <translation>Asking</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Search</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>Search models</translation>
    </message>
    <message>
        <source>Models of this provider</source>
        <translation>Models of this provider</translation>
    </message>
    <message>
        <source>Back to the guess</source>
        <translation>Back to the guess</translation>
    </message>
    <message>
        <source>ends {date}</source>
        <translation>ends {date}</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Sees pictures</source>
        <translation>Sees pictures</translation>
    </message>
    <message>
        <source>Reasons</source>
        <translation>Reasons</translation>
    </message>
    <message>
        <source>Makes pictures</source>
        <translation>Makes pictures</translation>
    </message>
    <message>
        <source>Edits pictures</source>
        <translation>Edits pictures</translation>
    </message>
    <message>
        <source>Transcribes</source>
        <translation>Transcribes</translation>
    </message>
    <message>
        <source>Translates speech</source>
        <translation>Translates speech</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Resume</source>
        <translation>Resume</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Try again</translation>
    </message>
    <message>
        <source>Download ({size})</source>
        <translation>Download ({size})</translation>
    </message>
    <message>
        <source>Connect a provider</source>
        <translation>Connect a provider</translation>
    </message>
    <message>
        <source>Download for all tabs ({size})</source>
        <translation>Download for all tabs ({size})</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Copy details</translation>
    </message>
    <message>
        <source>Discard what is here</source>
        <translation>Discard what is here</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancel</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Not now</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Download</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>Waiting for its turn</translation>
    </message>
    <message>
        <source>Checking that all of it is right</source>
        <translation>Checking that all of it is right</translation>
    </message>
    <message>
        <source>Preparing it for the engine</source>
        <translation>Preparing it for the engine</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} of {total}</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>less than a minute left</translation>
    </message>
    <message numerus="yes">
        <source>about %n minute(s) left</source>
        <translation>
            <numerusform>about %n minute left</numerusform>
            <numerusform>about %n minutes left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n hour(s) left</source>
        <translation>
            <numerusform>about %n hour left</numerusform>
            <numerusform>about %n hours left</numerusform>
        </translation>
    </message>
    <message>
        <source>Enlarge pictures on this computer</source>
        <translation>Enlarge pictures on this computer</translation>
    </message>
    <message>
        <source>Turn speech into text on this computer</source>
        <translation>Turn speech into text on this computer</translation>
    </message>
    <message>
        <source>Chat on this computer</source>
        <translation>Chat on this computer</translation>
    </message>
    <message>
        <source>For this the built-in engine needs {models}, downloaded once. Then it works without a network, and nothing you give it leaves this computer.</source>
        <translation>For this the built-in engine needs {models}, downloaded once. Then it works without a network, and nothing you give it leaves this computer.</translation>
    </message>
</context>
<context>
    <name>ModelChoice</name>
    <message>
        <source>A key for {address} is set on this computer</source>
        <translation>A key for {address} is set on this computer</translation>
    </message>
    <message>
        <source>Triptych found it in OPENAI_API_KEY and can use it.</source>
        <translation>Triptych found it in OPENAI_API_KEY and can use it.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Use it</translation>
    </message>
    <message>
        <source>No, thanks</source>
        <translation>No, thanks</translation>
    </message>
    <message>
        <source>{provider} is connected</source>
        <translation>{provider} is connected</translation>
    </message>
    <message>
        <source>Its models are in the list at the top right.</source>
        <translation>Its models are in the list at the top right.</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Choose a model</translation>
    </message>
</context>
<context>
    <name>ModelOffers</name>
    <message>
        <source>{sentence} {next}</source>
        <translation>{sentence} {next}</translation>
    </message>
</context>
<context>
    <name>ModelPicker</name>
    <message>
        <source>Choose a model</source>
        <translation>Choose a model</translation>
    </message>
    <message>
        <source>Model: {name} (Ctrl+M)</source>
        <translation>Model: {name} (Ctrl+M)</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>Model: {name}</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Search, or type any model id</source>
        <translation>Search, or type any model id</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>Search models</translation>
    </message>
    <message>
        <source>Ask the providers again</source>
        <translation>Ask the providers again</translation>
    </message>
    <message>
        <source>Refresh model lists</source>
        <translation>Refresh model lists</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Models</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>in memory</source>
        <translation>in memory</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Download</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Resume</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancel</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Remove</translation>
    </message>
    <message>
        <source>Download {name}</source>
        <translation>Download {name}</translation>
    </message>
    <message>
        <source>Cancel the download of {name}</source>
        <translation>Cancel the download of {name}</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>Remove {name}</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>Waiting for its turn</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>Converting</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Checking</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} of {total}</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Speech to text</source>
        <translation>Speech to text</translation>
    </message>
    <message>
        <source>Voice detection</source>
        <translation>Voice detection</translation>
    </message>
    <message>
        <source>Enlarging</source>
        <translation>Enlarging</translation>
    </message>
    <message>
        <source>Making pictures</source>
        <translation>Making pictures</translation>
    </message>
    <message>
        <source>{size} on disk</source>
        <translation>{size} on disk</translation>
    </message>
    <message>
        <source>{size}, came with Triptych</source>
        <translation>{size}, came with Triptych</translation>
    </message>
    <message>
        <source>The file is not there any more</source>
        <translation>The file is not there any more</translation>
    </message>
    <message>
        <source>{size} to download</source>
        <translation>{size} to download</translation>
    </message>
    <message>
        <source>about {size} of memory while in use</source>
        <translation>about {size} of memory while in use</translation>
    </message>
</context>
<context>
    <name>ModelRows</name>
    <message>
        <source>Recently used</source>
        <translation>Recently used</translation>
    </message>
    <message>
        <source>Abilities unknown</source>
        <translation>Abilities unknown</translation>
    </message>
    <message>
        <source>Use what you typed</source>
        <translation>Use what you typed</translation>
    </message>
    <message>
        <source>No model has that in its name.</source>
        <translation>No model has that in its name.</translation>
    </message>
    <message>
        <source>No models yet</source>
        <translation>No models yet</translation>
    </message>
    <message>
        <source>Download some on the Models page of the settings,</source>
        <translation>Download some on the Models page of the settings,</translation>
    </message>
    <message>
        <source>or connect a provider there.</source>
        <translation>or connect a provider there.</translation>
    </message>
    <message>
        <source>ends {date}</source>
        <translation>ends {date}</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Silero voice detection</source>
        <translation>Silero voice detection</translation>
    </message>
    <message>
        <source>Real-ESRGAN drawings</source>
        <translation>Real-ESRGAN drawings</translation>
    </message>
    <message>
        <source>Real-ESRGAN photos</source>
        <translation>Real-ESRGAN photos</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models on this computer</source>
        <translation>Models on this computer</translation>
    </message>
    <message>
        <source>Models (*.gguf *.bin *.safetensors)</source>
        <translation>Models (*.gguf *.bin *.safetensors)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>All files (*)</translation>
    </message>
    <message>
        <source>Add a model file</source>
        <translation>Add a model file</translation>
    </message>
    <message>
        <source>Remove {name}?</source>
        <translation>Remove {name}?</translation>
    </message>
    <message>
        <source>Triptych forgets the file and leaves it where it is.</source>
        <translation>Triptych forgets the file and leaves it where it is.</translation>
    </message>
    <message>
        <source>Its file is deleted from this computer; it can be downloaded again.</source>
        <translation>Its file is deleted from this computer; it can be downloaded again.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Remove</translation>
    </message>
    <message>
        <source>Download the default set ({size})</source>
        <translation>Download the default set ({size})</translation>
    </message>
    <message>
        <source>Add own file…</source>
        <translation>Add own file…</translation>
    </message>
    <message>
        <source>Own files: chat models as GGUF, Whisper models as ggml, Stable Diffusion checkpoints as safetensors or GGUF. They stay where they are.</source>
        <translation>Own files: chat models as GGUF, Whisper models as ggml, Stable Diffusion checkpoints as safetensors or GGUF. They stay where they are.</translation>
    </message>
</context>
<context>
    <name>NewestButton</name>
    <message>
        <source>Go to the newest message</source>
        <translation>Go to the newest message</translation>
    </message>
</context>
<context>
    <name>NoWindow</name>
    <message>
        <source>Its folder {folder} cannot be used: {reason}.

Make it writable, or make room on its disk, and start again.</source>
        <translation>Its folder {folder} cannot be used: {reason}.

Make it writable, or make room on its disk, and start again.</translation>
    </message>
    <message>
        <source>It runs already. Close its window first, then start it in safe mode.</source>
        <translation>It runs already. Close its window first, then start it in safe mode.</translation>
    </message>
    <message>
        <source>It runs already with this folder, but does not answer.

End it in your system&apos;s list of programs, or log out and in, and start it again. What was saved is not lost.</source>
        <translation>It runs already with this folder, but does not answer.

End it in your system&apos;s list of programs, or log out and in, and start it again. What was saved is not lost.</translation>
    </message>
    <message>
        <source>{name} cannot start</source>
        <translation>{name} cannot start</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Try again</source>
        <translation>Try again</translation>
    </message>
    <message>
        <source>{sentence} {next}</source>
        <translation>{sentence} {next}</translation>
    </message>
    <message>
        <source>Send without “{field}”</source>
        <translation>Send without “{field}”</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Choose a model</translation>
    </message>
    <message>
        <source>Open provider settings</source>
        <translation>Open provider settings</translation>
    </message>
    <message>
        <source>Open the Models page</source>
        <translation>Open the Models page</translation>
    </message>
    <message>
        <source>Open the data folder</source>
        <translation>Open the data folder</translation>
    </message>
    <message>
        <source>Restore a backup…</source>
        <translation>Restore a backup…</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>Export everything…</translation>
    </message>
</context>
<context>
    <name>NoticeCard</name>
    <message>
        <source>Copy details</source>
        <translation>Copy details</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Dismiss</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>No program opened it</source>
        <translation>No program opened it</translation>
    </message>
    <message>
        <source>Nothing on this computer wants to open {address}.</source>
        <translation>Nothing on this computer wants to open {address}.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
</context>
<context>
    <name>ParametersPanel</name>
    <message numerus="yes">
        <source>Only the first %n line(s) are used.</source>
        <translation>
            <numerusform>Only the first line is used.</numerusform>
            <numerusform>Only the first %n lines are used.</numerusform>
        </translation>
    </message>
    <message>
        <source>This is not a JSON object, so it is not used.</source>
        <translation>This is not a JSON object, so it is not used.</translation>
    </message>
    <message>
        <source>Not used: this has to be a whole number from {lowest}.</source>
        <translation>Not used: this has to be a whole number from {lowest}.</translation>
    </message>
    <message>
        <source>Not used: this has to be a number from {lowest} to {highest}.</source>
        <translation>Not used: this has to be a number from {lowest} to {highest}.</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>System prompt</translation>
    </message>
    <message>
        <source>How the model should behave, for all its answers</source>
        <translation>How the model should behave, for all its answers</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperature</translation>
    </message>
    <message>
        <source>0 is steady, 2 is wild</source>
        <translation>0 is steady, 2 is wild</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>0 to 1: only the likeliest words up to this sum</source>
        <translation>0 to 1: only the likeliest words up to this sum</translation>
    </message>
    <message>
        <source>The answer is cut off there</source>
        <translation>The answer is cut off there</translation>
    </message>
    <message>
        <source>Maximum tokens</source>
        <translation>Maximum tokens</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Seed</translation>
    </message>
    <message>
        <source>The same number tends to give the same answer</source>
        <translation>The same number tends to give the same answer</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>Frequency penalty</translation>
    </message>
    <message>
        <source>−2 to 2: above 0 avoids repeating words</source>
        <translation>−2 to 2: above 0 avoids repeating words</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>Presence penalty</translation>
    </message>
    <message>
        <source>−2 to 2: above 0 looks for new topics</source>
        <translation>−2 to 2: above 0 looks for new topics</translation>
    </message>
    <message>
        <source>How long models that reason may think</source>
        <translation>How long models that reason may think</translation>
    </message>
    <message>
        <source>Reasoning effort</source>
        <translation>Reasoning effort</translation>
    </message>
    <message>
        <source>Verbosity</source>
        <translation>Verbosity</translation>
    </message>
    <message>
        <source>How long-winded the answer may be</source>
        <translation>How long-winded the answer may be</translation>
    </message>
    <message>
        <source>Answer format</source>
        <translation>Answer format</translation>
    </message>
    <message>
        <source>Plain text, or JSON for programs</source>
        <translation>Plain text, or JSON for programs</translation>
    </message>
    <message>
        <source>JSON schema</source>
        <translation>JSON schema</translation>
    </message>
    <message>
        <source>What the answer has to look like</source>
        <translation>What the answer has to look like</translation>
    </message>
    <message>
        <source>Stop at (one per line)</source>
        <translation>Stop at (one per line)</translation>
    </message>
    <message>
        <source>The answer ends before any of these</source>
        <translation>The answer ends before any of these</translation>
    </message>
    <message>
        <source>Extra fields (JSON)</source>
        <translation>Extra fields (JSON)</translation>
    </message>
    <message>
        <source>Sent as they are, for what is not listed here</source>
        <translation>Sent as they are, for what is not listed here</translation>
    </message>
    <message>
        <source>not sent</source>
        <translation>not sent</translation>
    </message>
    <message>
        <source>none</source>
        <translation>none</translation>
    </message>
    <message>
        <source>minimal</source>
        <translation>minimal</translation>
    </message>
    <message>
        <source>low</source>
        <translation>low</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>medium</translation>
    </message>
    <message>
        <source>high</source>
        <translation>high</translation>
    </message>
    <message>
        <source>very high</source>
        <translation>very high</translation>
    </message>
    <message>
        <source>highest</source>
        <translation>highest</translation>
    </message>
    <message>
        <source>text</source>
        <translation>text</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>JSON by a schema</source>
        <translation>JSON by a schema</translation>
    </message>
</context>
<context>
    <name>PathEditor</name>
    <message>
        <source>Choose…</source>
        <translation>Choose…</translation>
    </message>
</context>
<context>
    <name>PictureActions</name>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>Copy the picture</source>
        <translation>Copy the picture</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>Save as…</translation>
    </message>
    <message>
        <source>Save a copy of the picture</source>
        <translation>Save a copy of the picture</translation>
    </message>
    <message>
        <source>Use in Chat</source>
        <translation>Use in Chat</translation>
    </message>
    <message>
        <source>Ask about the picture in Chat</source>
        <translation>Ask about the picture in Chat</translation>
    </message>
    <message>
        <source>Edit again</source>
        <translation>Edit again</translation>
    </message>
    <message>
        <source>Start the next picture from this one</source>
        <translation>Start the next picture from this one</translation>
    </message>
    <message>
        <source>Same settings</source>
        <translation>Same settings</translation>
    </message>
    <message>
        <source>Put its prompt and settings into the form</source>
        <translation>Put its prompt and settings into the form</translation>
    </message>
    <message>
        <source>Enlarge ×4</source>
        <translation>Enlarge ×4</translation>
    </message>
    <message>
        <source>Make it four times as wide and high on this computer</source>
        <translation>Make it four times as wide and high on this computer</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Open folder</translation>
    </message>
    <message>
        <source>Show the folder with the file</source>
        <translation>Show the folder with the file</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>Delete the picture</source>
        <translation>Delete the picture</translation>
    </message>
    <message>
        <source>Pictures (*{suffix})</source>
        <translation>Pictures (*{suffix})</translation>
    </message>
    <message>
        <source>Save picture as</source>
        <translation>Save picture as</translation>
    </message>
    <message>
        <source>Save pictures in</source>
        <translation>Save pictures in</translation>
    </message>
</context>
<context>
    <name>PictureDetails</name>
    <message>
        <source>How the picture was made</source>
        <translation>How the picture was made</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>The model&apos;s own wording</source>
        <translation>The model&apos;s own wording</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Kind</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Model</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>Created</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Size</translation>
    </message>
    <message>
        <source>From</source>
        <translation>From</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Quality</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Background</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Seed</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Steps</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>Request</translation>
    </message>
    <message>
        <source>File</source>
        <translation>File</translation>
    </message>
    <message>
        <source>File size</source>
        <translation>File size</translation>
    </message>
</context>
<context>
    <name>PicturesPane</name>
    <message numerus="yes">
        <source>%n picture(s) deleted</source>
        <translation>
            <numerusform>%n picture deleted</numerusform>
            <numerusform>%n pictures deleted</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlayerBar</name>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Play</translation>
    </message>
    <message>
        <source>{action} (Ctrl+Space)</source>
        <translation>{action} (Ctrl+Space)</translation>
    </message>
</context>
<context>
    <name>ProblemReport</name>
    <message>
        <source>Save the report</source>
        <translation>Save the report</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>Text (*.txt)</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copied</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>Report a problem</translation>
    </message>
    <message>
        <source>This says how Triptych is set up here and what it logged last. Read it and take out what you want to keep to yourself. Keys and passwords are hidden, and no conversation is in it; files may be named.</source>
        <translation>This says how Triptych is set up here and what it logged last. Read it and take out what you want to keep to yourself. Keys and passwords are hidden, and no conversation is in it; files may be named.</translation>
    </message>
    <message>
        <source>The report</source>
        <translation>The report</translation>
    </message>
    <message>
        <source>Being put together…</source>
        <translation>Being put together…</translation>
    </message>
    <message>
        <source>Nothing is sent by itself. Copy the report, then describe on the project&apos;s page what happened.</source>
        <translation>Nothing is sent by itself. Copy the report, then describe on the project&apos;s page what happened.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>Save as…</translation>
    </message>
    <message>
        <source>Open {address}</source>
        <translation>Open {address}</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Close</translation>
    </message>
</context>
<context>
    <name>PromptBox</name>
    <message>
        <source>Describe the picture</source>
        <translation>Describe the picture</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>Ctrl+↑ and Ctrl+↓ bring back earlier prompts</source>
        <translation>Ctrl+↑ and Ctrl+↓ bring back earlier prompts</translation>
    </message>
</context>
<context>
    <name>PromptForm</name>
    <message>
        <source>This model makes pictures from words only: remove the pictures or choose another model.</source>
        <translation>This model makes pictures from words only: remove the pictures or choose another model.</translation>
    </message>
    <message numerus="yes">
        <source>This model starts from at most %n picture(s).</source>
        <translation>
            <numerusform>This model starts from at most %n picture.</numerusform>
            <numerusform>This model starts from at most %n pictures.</numerusform>
        </translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>Change pictures</source>
        <translation>Change pictures</translation>
    </message>
    <message>
        <source>Generate</source>
        <translation>Generate</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
</context>
<context>
    <name>ProviderForm</name>
    <message>
        <source>This is not a server&apos;s address. It should look like https://api.example.com/v1.</source>
        <translation>This is not a server&apos;s address. It should look like https://api.example.com/v1.</translation>
    </message>
    <message>
        <source>Put the name of your own resource in place of “{name}”.</source>
        <translation>Put the name of your own resource in place of “{name}”.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Base address</source>
        <translation>Base address</translation>
    </message>
    <message>
        <source>Paste it in any form; it is put in order when you leave the field.</source>
        <translation>Paste it in any form; it is put in order when you leave the field.</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Key</translation>
    </message>
    <message>
        <source>Use this provider</source>
        <translation>Use this provider</translation>
    </message>
    <message>
        <source>Fewer options</source>
        <translation>Fewer options</translation>
    </message>
    <message>
        <source>More options</source>
        <translation>More options</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Provider</translation>
    </message>
</context>
<context>
    <name>ProviderList</name>
    <message>
        <source>Providers</source>
        <translation>Providers</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Add</translation>
    </message>
    <message>
        <source>Add a provider</source>
        <translation>Add a provider</translation>
    </message>
    <message>
        <source>Remove this provider</source>
        <translation>Remove this provider</translation>
    </message>
    <message>
        <source>{name} (off)</source>
        <translation>{name} (off)</translation>
    </message>
</context>
<context>
    <name>ProviderOptions</name>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>Certificates (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>All files (*)</translation>
    </message>
    <message>
        <source>Line {line} is not like “Name: value”; nothing of this was stored.</source>
        <translation>Line {line} is not like “Name: value”; nothing of this was stored.</translation>
    </message>
    <message>
        <source>Not a JSON object (line {line}, column {column}); nothing of this was stored.</source>
        <translation>Not a JSON object (line {line}, column {column}); nothing of this was stored.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatic</translation>
    </message>
    <message>
        <source>Completions (legacy)</source>
        <translation>Completions (legacy)</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Like the system</translation>
    </message>
    <message>
        <source>This one</source>
        <translation>This one</translation>
    </message>
    <message>
        <source>None</source>
        <translation>None</translation>
    </message>
    <message>
        <source>s</source>
        <translation>s</translation>
    </message>
    <message>
        <source>Only the system&apos;s certificates</source>
        <translation>Only the system&apos;s certificates</translation>
    </message>
    <message>
        <source>The values are kept in the key store like the key, and shown as dots.</source>
        <translation>The values are kept in the key store like the key, and shown as dots.</translation>
    </message>
    <message>
        <source>This system offers no key store, so the values are kept for this session only.</source>
        <translation>This system offers no key store, so the values are kept for this session only.</translation>
    </message>
    <message>
        <source>A password in it is kept in the key store like the key, and shown as dots.</source>
        <translation>A password in it is kept in the key store like the key, and shown as dots.</translation>
    </message>
    <message>
        <source>This system offers no key store, so a password in it is kept for this session only.</source>
        <translation>This system offers no key store, so a password in it is kept for this session only.</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protocol</translation>
    </message>
    <message>
        <source>Automatic uses Chat Completions, and another protocol for models that need it.</source>
        <translation>Automatic uses Chat Completions, and another protocol for models that need it.</translation>
    </message>
    <message>
        <source>Organisation</source>
        <translation>Organisation</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>Project</translation>
    </message>
    <message>
        <source>Key is sent as</source>
        <translation>Key is sent as</translation>
    </message>
    <message>
        <source>Extra headers</source>
        <translation>Extra headers</translation>
    </message>
    <message>
        <source>A line each, such as “X-Team: research”.</source>
        <translation>A line each, such as “X-Team: research”.</translation>
    </message>
    <message>
        <source>A JSON object; its fields go into every request. It is stored in a readable file: no keys here.</source>
        <translation>A JSON object; its fields go into every request. It is stored in a readable file: no keys here.</translation>
    </message>
    <message>
        <source>Extra fields</source>
        <translation>Extra fields</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Proxy address</source>
        <translation>Proxy address</translation>
    </message>
    <message>
        <source>Certificate file</source>
        <translation>Certificate file</translation>
    </message>
    <message>
        <source>A company&apos;s own certificate authority, trusted in addition to the system&apos;s.</source>
        <translation>A company&apos;s own certificate authority, trusted in addition to the system&apos;s.</translation>
    </message>
    <message>
        <source>Give up connecting after</source>
        <translation>Give up connecting after</translation>
    </message>
    <message>
        <source>Give up waiting after</source>
        <translation>Give up waiting after</translation>
    </message>
    <message>
        <source>The longest silence while an answer is made.</source>
        <translation>The longest silence while an answer is made.</translation>
    </message>
</context>
<context>
    <name>Providers</name>
    <message>
        <source>Built-in engine</source>
        <translation>Built-in engine</translation>
    </message>
</context>
<context>
    <name>ProvidersPage</name>
    <message>
        <source>Providers</source>
        <translation>Providers</translation>
    </message>
    <message>
        <source>“{name}” was removed.</source>
        <translation>“{name}” was removed.</translation>
    </message>
    <message>
        <source>Built-in engine</source>
        <translation>Built-in engine</translation>
    </message>
    <message>
        <source>Runs small open models on this computer: no key, no network, nothing leaves it. It is always there. Add a provider to use larger models.</source>
        <translation>Runs small open models on this computer: no key, no network, nothing leaves it. It is always there. Add a provider to use larger models.</translation>
    </message>
    <message>
        <source>Show its models</source>
        <translation>Show its models</translation>
    </message>
</context>
<context>
    <name>QueueActions</name>
    <message>
        <source>Removed “{name}”</source>
        <translation>Removed “{name}”</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message numerus="yes">
        <source>Transcribe all %n</source>
        <translation>
            <numerusform>Transcribe %n</numerusform>
            <numerusform>Transcribe all %n</numerusform>
        </translation>
    </message>
    <message>
        <source>Recordings and files</source>
        <translation>Recordings and files</translation>
    </message>
    <message>
        <source>Add sound or video files</source>
        <translation>Add sound or video files</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>Transcribe</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancel</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Rename</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Show in folder</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Remove</translation>
    </message>
</context>
<context>
    <name>ReasoningFold</name>
    <message>
        <source>Thinking…</source>
        <translation>Thinking…</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>Thoughts</translation>
    </message>
    <message>
        <source>Thought for a moment</source>
        <translation>Thought for a moment</translation>
    </message>
    <message>
        <source>Thought for {seconds} s</source>
        <translation>Thought for {seconds} s</translation>
    </message>
    <message>
        <source>Thought for {minutes} min {seconds} s</source>
        <translation>Thought for {minutes} min {seconds} s</translation>
    </message>
    <message>
        <source>Unfolded</source>
        <translation>Unfolded</translation>
    </message>
    <message>
        <source>Folded</source>
        <translation>Folded</translation>
    </message>
</context>
<context>
    <name>RecorderBar</name>
    <message>
        <source>Saved while you speak</source>
        <translation>Saved while you speak</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Paused</translation>
    </message>
    <message>
        <source>Too loud: move away or turn the microphone down</source>
        <translation>Too loud: move away or turn the microphone down</translation>
    </message>
    <message>
        <source>Nothing is heard: is the microphone muted?</source>
        <translation>Nothing is heard: is the microphone muted?</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Recording</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>Transcribe</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Resume</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>Stop recording</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Record</translation>
    </message>
    <message>
        <source>{action} (Ctrl+R)</source>
        <translation>{action} (Ctrl+R)</translation>
    </message>
    <message>
        <source>Test the microphone</source>
        <translation>Test the microphone</translation>
    </message>
    <message>
        <source>Test the microphone: show its level without recording</source>
        <translation>Test the microphone: show its level without recording</translation>
    </message>
    <message>
        <source>Level of the microphone</source>
        <translation>Level of the microphone</translation>
    </message>
    <message>
        <source>Transcribe when stopped</source>
        <translation>Transcribe when stopped</translation>
    </message>
</context>
<context>
    <name>RecordingSession</name>
    <message>
        <source>Recording {moment}</source>
        <translation>Recording {moment}</translation>
    </message>
</context>
<context>
    <name>ReferenceStrip</name>
    <message>
        <source>Pictures to start from</source>
        <translation>Pictures to start from</translation>
    </message>
    <message>
        <source>Add pictures…</source>
        <translation>Add pictures…</translation>
    </message>
    <message>
        <source>Choose pictures to start from; dropping and pasting work too</source>
        <translation>Choose pictures to start from; dropping and pasting work too</translation>
    </message>
</context>
<context>
    <name>ReferenceTile</name>
    <message>
        <source>Remove {name}</source>
        <translation>Remove {name}</translation>
    </message>
</context>
<context>
    <name>RestorePage</name>
    <message>
        <source>Backup and restore</source>
        <translation>Backup and restore</translation>
    </message>
    <message>
        <source>Untitled</source>
        <translation>Untitled</translation>
    </message>
    <message>
        <source>“{title}” is back</source>
        <translation>“{title}” is back</translation>
    </message>
    <message>
        <source>It is in the list of conversations again.</source>
        <translation>It is in the list of conversations again.</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Show it</translation>
    </message>
    <message>
        <source>Everything is exported</source>
        <translation>Everything is exported</translation>
    </message>
    <message>
        <source>Here already and longer now: {count}.</source>
        <translation>Here already and longer now: {count}.</translation>
    </message>
    <message>
        <source>Gone on differently here, so they are here twice now: {count}.</source>
        <translation>Gone on differently here, so they are here twice now: {count}.</translation>
    </message>
    <message>
        <source>Left out, as they cannot be read: {things}.</source>
        <translation>Left out, as they cannot be read: {things}.</translation>
    </message>
    <message numerus="yes">
        <source>%n provider(s)</source>
        <translation>
            <numerusform>%n provider</numerusform>
            <numerusform>%n providers</numerusform>
        </translation>
    </message>
    <message>
        <source>Files that are missing: {count}.</source>
        <translation>Files that are missing: {count}.</translation>
    </message>
    <message>
        <source>{things} are in “{name}”.</source>
        <translation>{things} are in “{name}”.</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Show in folder</translation>
    </message>
    <message>
        <source>New: {things}.</source>
        <translation>New: {things}.</translation>
    </message>
    <message>
        <source>Switched off until you have checked the address: {names}.</source>
        <translation>Switched off until you have checked the address: {names}.</translation>
    </message>
    <message>
        <source>Open provider settings</source>
        <translation>Open provider settings</translation>
    </message>
    <message>
        <source>“{name}” is imported</source>
        <translation>“{name}” is imported</translation>
    </message>
    <message>
        <source>Here already and left alone: {count}.</source>
        <translation>Here already and left alone: {count}.</translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n conversation</numerusform>
            <numerusform>%n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n picture</numerusform>
            <numerusform>%n pictures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n recording(s)</source>
        <translation>
            <numerusform>%n recording</numerusform>
            <numerusform>%n recordings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n transcript(s)</source>
        <translation>
            <numerusform>%n transcript</numerusform>
            <numerusform>%n transcripts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SendButton</name>
    <message>
        <source>Send</source>
        <translation>Send</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>Send (Enter)</translation>
    </message>
    <message>
        <source>Send (Ctrl+Enter)</source>
        <translation>Send (Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>Stop (Esc)</source>
        <translation>Stop (Esc)</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Like the system</source>
        <translation>Like the system</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Light</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dark</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Theme</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Language</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Enter sends the message</source>
        <translation>Enter sends the message</translation>
    </message>
    <message>
        <source>When off, Ctrl+Enter sends and Enter starts a new line.</source>
        <translation>When off, Ctrl+Enter sends and Enter starts a new line.</translation>
    </message>
    <message>
        <source>Send pictures in their original size</source>
        <translation>Send pictures in their original size</translation>
    </message>
    <message>
        <source>When off, pictures are scaled down to at most 2048 pixels before sending.</source>
        <translation>When off, pictures are scaled down to at most 2048 pixels before sending.</translation>
    </message>
    <message>
        <source>Folder for pictures</source>
        <translation>Folder for pictures</translation>
    </message>
    <message>
        <source>Where new pictures are saved; empty means the program&apos;s own folder.</source>
        <translation>Where new pictures are saved; empty means the program&apos;s own folder.</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>Microphone</translation>
    </message>
    <message>
        <source>Empty means the system&apos;s default microphone.</source>
        <translation>Empty means the system&apos;s default microphone.</translation>
    </message>
    <message>
        <source>Spoken language</source>
        <translation>Spoken language</translation>
    </message>
    <message>
        <source>Two letters such as en or zh; empty means that it is detected, which is slower.</source>
        <translation>Two letters such as en or zh; empty means that it is detected, which is slower.</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Vocabulary</translation>
    </message>
    <message>
        <source>Names and special words that the speech model should expect.</source>
        <translation>Names and special words that the speech model should expect.</translation>
    </message>
    <message>
        <source>Transcribe when a recording is stopped</source>
        <translation>Transcribe when a recording is stopped</translation>
    </message>
    <message>
        <source>Free the engine&apos;s memory after</source>
        <translation>Free the engine&apos;s memory after</translation>
    </message>
    <message>
        <source>Models of the built-in engine that were not used for this long are unloaded.</source>
        <translation>Models of the built-in engine that were not used for this long are unloaded.</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min</translation>
    </message>
    <message>
        <source>Make a backup every day</source>
        <translation>Make a backup every day</translation>
    </message>
    <message>
        <source>What you delete stays in backups for up to five weeks. Keys are never in a backup.</source>
        <translation>What you delete stays in backups for up to five weeks. Keys are never in a backup.</translation>
    </message>
    <message>
        <source>Look for a newer version once a day</source>
        <translation>Look for a newer version once a day</translation>
    </message>
    <message>
        <source>Asks one web page for the newest version. Nothing about you or your computer is sent.</source>
        <translation>Asks one web page for the newest version. Nothing about you or your computer is sent.</translation>
    </message>
    <message>
        <source>Asked about that</source>
        <translation>Asked about that</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Appearance</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Images</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>Built-in engine</source>
        <translation>Built-in engine</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Backups</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Updates</translation>
    </message>
    <message>
        <source>{section}: {option}</source>
        <translation>{section}: {option}</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Settings</translation>
    </message>
    <message>
        <source>Pages of the settings</source>
        <translation>Pages of the settings</translation>
    </message>
    <message>
        <source>General</source>
        <translation>General</translation>
    </message>
    <message>
        <source>Providers</source>
        <translation>Providers</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Models</translation>
    </message>
    <message>
        <source>Backup and restore</source>
        <translation>Backup and restore</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Updates</translation>
    </message>
    <message>
        <source>About</source>
        <translation>About</translation>
    </message>
</context>
<context>
    <name>SettingsFields</name>
    <message>
        <source>JPEG has no transparency: choose PNG or WebP, or an opaque background.</source>
        <translation>JPEG has no transparency: choose PNG or WebP, or an opaque background.</translation>
    </message>
    <message>
        <source>Extra fields must be a JSON object such as {&quot;style&quot;: &quot;vivid&quot;}.</source>
        <translation>Extra fields must be a JSON object such as {&quot;style&quot;: &quot;vivid&quot;}.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Size</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Quality</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>Count</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Background</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>File quality</source>
        <translation>File quality</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Seed</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Steps</translation>
    </message>
    <message>
        <source>Extra fields</source>
        <translation>Extra fields</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>Random</translation>
    </message>
    <message>
        <source>Choose a seed</source>
        <translation>Choose a seed</translation>
    </message>
    <message>
        <source>Choose a seed; the same seed gives the same picture again</source>
        <translation>Choose a seed; the same seed gives the same picture again</translation>
    </message>
    <message>
        <source>Sent as they are, for what this form does not know</source>
        <translation>Sent as they are, for what this form does not know</translation>
    </message>
    <message>
        <source>More</source>
        <translation>More</translation>
    </message>
    <message>
        <source>More settings</source>
        <translation>More settings</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Keyboard shortcuts</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Deleted “{title}”</source>
        <translation>Deleted “{title}”</translation>
    </message>
    <message>
        <source>New conversation (Ctrl+N)</source>
        <translation>New conversation (Ctrl+N)</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>New conversation</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Search</translation>
    </message>
    <message>
        <source>Search conversations</source>
        <translation>Search conversations</translation>
    </message>
    <message>
        <source>Search in titles and messages (Ctrl+F)</source>
        <translation>Search in titles and messages (Ctrl+F)</translation>
    </message>
    <message>
        <source>Nothing found.</source>
        <translation>Nothing found.</translation>
    </message>
    <message>
        <source>Your conversations will be listed here.</source>
        <translation>Your conversations will be listed here.</translation>
    </message>
</context>
<context>
    <name>SizeField</name>
    <message>
        <source>Other size…</source>
        <translation>Other size…</translation>
    </message>
    <message>
        <source>square</source>
        <translation>square</translation>
    </message>
    <message>
        <source>landscape</source>
        <translation>landscape</translation>
    </message>
    <message>
        <source>portrait</source>
        <translation>portrait</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Size</translation>
    </message>
    <message>
        <source>Width in pixels</source>
        <translation>Width in pixels</translation>
    </message>
    <message>
        <source>Height in pixels</source>
        <translation>Height in pixels</translation>
    </message>
</context>
<context>
    <name>SoundHeader</name>
    <message>
        <source>Copied</source>
        <translation>Copied</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Saved</translation>
    </message>
    <message>
        <source>{moment} · {model}</source>
        <translation>{moment} · {model}</translation>
    </message>
    <message>
        <source>translated to English</source>
        <translation>translated to English</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>Copy the whole transcript</source>
        <translation>Copy the whole transcript</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Write the transcript to a file</source>
        <translation>Write the transcript to a file</translation>
    </message>
    <message>
        <source>Use in chat</source>
        <translation>Use in chat</translation>
    </message>
    <message>
        <source>Put the transcript into a message in Chat</source>
        <translation>Put the transcript into a message in Chat</translation>
    </message>
    <message>
        <source>Earlier transcripts</source>
        <translation>Earlier transcripts</translation>
    </message>
</context>
<context>
    <name>SoundPane</name>
    <message>
        <source>Press Transcribe to turn this sound into text.</source>
        <translation>Press Transcribe to turn this sound into text.</translation>
    </message>
    <message>
        <source>No transcript yet</source>
        <translation>No transcript yet</translation>
    </message>
    <message>
        <source>The speech model found no speech in this sound.</source>
        <translation>The speech model found no speech in this sound.</translation>
    </message>
    <message>
        <source>No speech was found</source>
        <translation>No speech was found</translation>
    </message>
    <message>
        <source>Listening…</source>
        <translation>Listening…</translation>
    </message>
    <message>
        <source>The text appears here as it is recognised.</source>
        <translation>The text appears here as it is recognised.</translation>
    </message>
    <message>
        <source>It was stopped before the first words.</source>
        <translation>It was stopped before the first words.</translation>
    </message>
    <message>
        <source>No text yet</source>
        <translation>No text yet</translation>
    </message>
</context>
<context>
    <name>StateNote</name>
    <message>
        <source>Continue</source>
        <translation>Continue</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Try again</translation>
    </message>
    <message>
        <source>Waiting for the first words…</source>
        <translation>Waiting for the first words…</translation>
    </message>
    <message>
        <source>Cut off by the provider&apos;s content filter.</source>
        <translation>Cut off by the provider&apos;s content filter.</translation>
    </message>
    <message>
        <source>The model asked for a tool instead of answering; Triptych has none to offer.</source>
        <translation>The model asked for a tool instead of answering; Triptych has none to offer.</translation>
    </message>
    <message>
        <source>The model gave no answer.</source>
        <translation>The model gave no answer.</translation>
    </message>
    <message>
        <source>The model reasoned, but gave no answer. A higher limit of tokens may help.</source>
        <translation>The model reasoned, but gave no answer. A higher limit of tokens may help.</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Stopped.</translation>
    </message>
    <message>
        <source>Interrupted before it was finished.</source>
        <translation>Interrupted before it was finished.</translation>
    </message>
    <message>
        <source>This answer failed.</source>
        <translation>This answer failed.</translation>
    </message>
    <message>
        <source>Cut off: the limit of tokens was reached.</source>
        <translation>Cut off: the limit of tokens was reached.</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Starting the built-in engine…</source>
        <translation>Starting the built-in engine…</translation>
    </message>
    <message numerus="yes">
        <source>Nothing has come for %n second(s). Stop ends the wait.</source>
        <translation>
            <numerusform>Nothing has come for %n second. Stop ends the wait.</numerusform>
            <numerusform>Nothing has come for %n seconds. Stop ends the wait.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Trying again in %n second(s)…</source>
        <translation>
            <numerusform>Trying again in %n second…</numerusform>
            <numerusform>Trying again in %n seconds…</numerusform>
        </translation>
    </message>
    <message>
        <source>Trying again…</source>
        <translation>Trying again…</translation>
    </message>
    <message>
        <source>{reason}. {again}</source>
        <translation>{reason}. {again}</translation>
    </message>
</context>
<context>
    <name>TabHost</name>
    <message>
        <source>{tab}, working</source>
        <translation>{tab}, working</translation>
    </message>
    <message>
        <source>{tab}, finished</source>
        <translation>{tab}, finished</translation>
    </message>
</context>
<context>
    <name>Tabs</name>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Images</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
</context>
<context>
    <name>TileButtons</name>
    <message>
        <source>Cancel</source>
        <translation>Cancel</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Try again</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Settings…</translation>
    </message>
    <message>
        <source>Send without “{field}”</source>
        <translation>Send without “{field}”</translation>
    </message>
</context>
<context>
    <name>TimeGutter</name>
    <message>
        <source>Times of the segments</source>
        <translation>Times of the segments</translation>
    </message>
    <message>
        <source>Play from here</source>
        <translation>Play from here</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Conversation</source>
        <translation>Conversation</translation>
    </message>
</context>
<context>
    <name>TranscriptAnnouncer</name>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
</context>
<context>
    <name>TranscriptOutput</name>
    <message>
        <source>Export the transcript</source>
        <translation>Export the transcript</translation>
    </message>
</context>
<context>
    <name>TranscriptView</name>
    <message>
        <source>Transcript</source>
        <translation>Transcript</translation>
    </message>
    <message>
        <source>Ctrl+Enter plays from the paragraph with the cursor</source>
        <translation>Ctrl+Enter plays from the paragraph with the cursor</translation>
    </message>
</context>
<context>
    <name>TranscriptionBar</name>
    <message>
        <source>Detect language</source>
        <translation>Detect language</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>Transcribe</translation>
    </message>
    <message>
        <source>Transcribe again</source>
        <translation>Transcribe again</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continue</translation>
    </message>
    <message>
        <source>Choose a speech model at the top right first</source>
        <translation>Choose a speech model at the top right first</translation>
    </message>
    <message>
        <source>Transcribe again from the beginning</source>
        <translation>Transcribe again from the beginning</translation>
    </message>
    <message>
        <source>Spoken language</source>
        <translation>Spoken language</translation>
    </message>
    <message>
        <source>The language that is spoken</source>
        <translation>The language that is spoken</translation>
    </message>
    <message>
        <source>Names and special words to expect</source>
        <translation>Names and special words to expect</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Vocabulary</translation>
    </message>
    <message>
        <source>Names and special words that the speech model should expect</source>
        <translation>Names and special words that the speech model should expect</translation>
    </message>
    <message>
        <source>Translate to English</source>
        <translation>Translate to English</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancel</translation>
    </message>
    <message>
        <source>Progress of the transcription</source>
        <translation>Progress of the transcription</translation>
    </message>
</context>
<context>
    <name>TranscriptionQueue</name>
    <message>
        <source>Waiting for its turn</source>
        <translation>Waiting for its turn</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Stopping…</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Starting…</translation>
    </message>
    <message>
        <source>Starting the built-in engine…</source>
        <translation>Starting the built-in engine…</translation>
    </message>
    <message>
        <source>Reading the sound…</source>
        <translation>Reading the sound…</translation>
    </message>
    <message>
        <source>Transcribing…</source>
        <translation>Transcribing…</translation>
    </message>
    <message>
        <source>{done} of {total} transcribed</source>
        <translation>{done} of {total} transcribed</translation>
    </message>
    <message>
        <source>Trying again…</source>
        <translation>Trying again…</translation>
    </message>
    <message numerus="yes">
        <source>The server is busy; next try in %n s</source>
        <translation>
            <numerusform>The server is busy; next try in %n s</numerusform>
            <numerusform>The server is busy; next try in %n s</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferCard</name>
    <message>
        <source>Export everything</source>
        <translation>Export everything</translation>
    </message>
    <message>
        <source>Archives (*.zip)</source>
        <translation>Archives (*.zip)</translation>
    </message>
    <message>
        <source>You</source>
        <translation>You</translation>
    </message>
    <message>
        <source>Exports (*.zip *.json)</source>
        <translation>Exports (*.zip *.json)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>All files (*)</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Import</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} of {total}</translation>
    </message>
    <message>
        <source>Beginning</source>
        <translation>Beginning</translation>
    </message>
    <message>
        <source>Checking the file</source>
        <translation>Checking the file</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>Export everything…</translation>
    </message>
    <message>
        <source>Conversations, pictures, recordings and transcripts as ordinary files in one archive. No keys.</source>
        <translation>Conversations, pictures, recordings and transcripts as ordinary files in one archive. No keys.</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Import…</translation>
    </message>
    <message>
        <source>An export of Triptych, or the archive that ChatGPT sends you. What is here already stays as it is.</source>
        <translation>An export of Triptych, or the archive that ChatGPT sends you. What is here already stays as it is.</translation>
    </message>
    <message>
        <source>With options and providers, if it has them</source>
        <translation>With options and providers, if it has them</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancel</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Progress</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>Undo</translation>
    </message>
    <message>
        <source>Take it back ({keys})</source>
        <translation>Take it back ({keys})</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Dismiss</translation>
    </message>
</context>
<context>
    <name>UpdateCard</name>
    <message>
        <source>Check now</source>
        <translation>Check now</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Download</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>Restart now</source>
        <translation>Restart now</translation>
    </message>
    <message>
        <source>Close and install</source>
        <translation>Close and install</translation>
    </message>
    <message>
        <source>Do not install</source>
        <translation>Do not install</translation>
    </message>
    <message>
        <source>Website</source>
        <translation>Website</translation>
    </message>
    <message>
        <source>This copy came as a package or runs from its source, and does not update itself. Your package manager does, if it knows Triptych; else the website has newer versions.</source>
        <translation>This copy came as a package or runs from its source, and does not update itself. Your package manager does, if it knows Triptych; else the website has newer versions.</translation>
    </message>
    <message>
        <source>This copy was not told where newer versions are announced. The website has them.</source>
        <translation>This copy was not told where newer versions are announced. The website has them.</translation>
    </message>
    <message>
        <source>Looking for a newer version…</source>
        <translation>Looking for a newer version…</translation>
    </message>
    <message>
        <source>Nobody has looked for a newer one yet.</source>
        <translation>Nobody has looked for a newer one yet.</translation>
    </message>
    <message>
        <source>The last look, {moment}, brought no answer that can be believed.</source>
        <translation>The last look, {moment}, brought no answer that can be believed.</translation>
    </message>
    <message>
        <source>Last looked: {moment}.</source>
        <translation>Last looked: {moment}.</translation>
    </message>
    <message>
        <source>Version {number} is the newest</source>
        <translation>Version {number} is the newest</translation>
    </message>
    <message>
        <source>There is no download of it for this computer; the website may know more.</source>
        <translation>There is no download of it for this computer; the website may know more.</translation>
    </message>
    <message>
        <source>Version {number} is out</source>
        <translation>Version {number} is out</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} of {total}</translation>
    </message>
    <message>
        <source>Downloading version {number}…</source>
        <translation>Downloading version {number}…</translation>
    </message>
    <message>
        <source>It is installed when you close Triptych, after a backup of your data.</source>
        <translation>It is installed when you close Triptych, after a backup of your data.</translation>
    </message>
    <message>
        <source>Version {number} is ready</source>
        <translation>Version {number} is ready</translation>
    </message>
    <message>
        <source>You have version {number}. The download has {size}.</source>
        <translation>You have version {number}. The download has {size}.</translation>
    </message>
    <message>
        <source>Version {number} is available</source>
        <translation>Version {number} is available</translation>
    </message>
    <message>
        <source>Version {number}</source>
        <translation>Version {number}</translation>
    </message>
</context>
<context>
    <name>UpdateNotices</name>
    <message>
        <source>Shall Triptych look for newer versions?</source>
        <translation>Shall Triptych look for newer versions?</translation>
    </message>
    <message>
        <source>Once a day it would ask one web page. Nothing about you or your computer is sent.</source>
        <translation>Once a day it would ask one web page. Nothing about you or your computer is sent.</translation>
    </message>
    <message>
        <source>Yes, once a day</source>
        <translation>Yes, once a day</translation>
    </message>
    <message>
        <source>No</source>
        <translation>No</translation>
    </message>
    <message>
        <source>Version {number} is available</source>
        <translation>Version {number} is available</translation>
    </message>
    <message>
        <source>What is new</source>
        <translation>What is new</translation>
    </message>
    <message>
        <source>The website has it.</source>
        <translation>The website has it.</translation>
    </message>
    <message>
        <source>The download has {size}; you can go on working.</source>
        <translation>The download has {size}; you can go on working.</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Download</translation>
    </message>
    <message>
        <source>Restart now</source>
        <translation>Restart now</translation>
    </message>
    <message>
        <source>Close and install</source>
        <translation>Close and install</translation>
    </message>
    <message>
        <source>Version {number} is ready</source>
        <translation>Version {number} is ready</translation>
    </message>
    <message>
        <source>It is installed when you close Triptych, after a backup of your data.</source>
        <translation>It is installed when you close Triptych, after a backup of your data.</translation>
    </message>
    <message>
        <source>Version {number} is kept in case you want to go back.</source>
        <translation>Version {number} is kept in case you want to go back.</translation>
    </message>
    <message>
        <source>Open the page of updates</source>
        <translation>Open the page of updates</translation>
    </message>
    <message>
        <source>This is version {number} now</source>
        <translation>This is version {number} now</translation>
    </message>
    <message>
        <source>This is version {number} again</source>
        <translation>This is version {number} again</translation>
    </message>
    <message>
        <source>Your data is as you left it then. What you wrote since is kept as a backup.</source>
        <translation>Your data is as you left it then. What you wrote since is kept as a backup.</translation>
    </message>
    <message>
        <source>Show the backups</source>
        <translation>Show the backups</translation>
    </message>
</context>
<context>
    <name>UpdatesPage</name>
    <message>
        <source>Updates</source>
        <translation>Updates</translation>
    </message>
    <message>
        <source>Go back?</source>
        <translation>Go back?</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>Go back</translation>
    </message>
    <message>
        <source>New in version {number}</source>
        <translation>New in version {number}</translation>
    </message>
    <message>
        <source>Go back to version {number}…</source>
        <translation>Go back to version {number}…</translation>
    </message>
    <message>
        <source>Version {number} is kept, with your data as it was on {moment}.</source>
        <translation>Version {number} is kept, with your data as it was on {moment}.</translation>
    </message>
    <message>
        <source>Triptych closes, and version {number} takes its place, with your data and settings as they were on {moment}. What you have now is kept as a backup first; nothing is deleted.</source>
        <translation>Triptych closes, and version {number} takes its place, with your data and settings as they were on {moment}. What you have now is kept as a backup first; nothing is deleted.</translation>
    </message>
    <message>
        <source>What is new</source>
        <translation>What is new</translation>
    </message>
    <message>
        <source>Former version</source>
        <translation>Former version</translation>
    </message>
</context>
<context>
    <name>VerdictCard</name>
    <message>
        <source>Use {address}</source>
        <translation>Use {address}</translation>
    </message>
    <message>
        <source>Edit the address</source>
        <translation>Edit the address</translation>
    </message>
    <message>
        <source>Enter the key</source>
        <translation>Enter the key</translation>
    </message>
    <message>
        <source>Choose a certificate file…</source>
        <translation>Choose a certificate file…</translation>
    </message>
    <message>
        <source>Show the proxy&apos;s settings</source>
        <translation>Show the proxy&apos;s settings</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>Choose another model</translation>
    </message>
    <message>
        <source>Get a key</source>
        <translation>Get a key</translation>
    </message>
    <message>
        <source>Open the account&apos;s page</source>
        <translation>Open the account&apos;s page</translation>
    </message>
    <message>
        <source>Nothing useful answers at this address, but a server answers at another one nearby.</source>
        <translation>Nothing useful answers at this address, but a server answers at another one nearby.</translation>
    </message>
    <message numerus="yes">
        <source>It works: the server offers %n model(s).</source>
        <translation>
            <numerusform>It works: the server offers %n model.</numerusform>
            <numerusform>It works: the server offers %n models.</numerusform>
        </translation>
    </message>
    <message>
        <source>It works. The server does not list its models; type their names in the model picker.</source>
        <translation>It works. The server does not list its models; type their names in the model picker.</translation>
    </message>
    <message>
        <source>This is not a server&apos;s address. It should look like https://api.example.com/v1.</source>
        <translation>This is not a server&apos;s address. It should look like https://api.example.com/v1.</translation>
    </message>
    <message>
        <source>The address is still the template&apos;s. Put the name of your own resource in its place.</source>
        <translation>The address is still the template&apos;s. Put the name of your own resource in its place.</translation>
    </message>
    <message>
        <source>Something answers at this address, but not as an OpenAI-compatible server does. Check the address; it usually ends in /v1.</source>
        <translation>Something answers at this address, but not as an OpenAI-compatible server does. Check the address; it usually ends in /v1.</translation>
    </message>
    <message>
        <source>No server of this name is found. Check the address for a slip, and whether the network works.</source>
        <translation>No server of this name is found. Check the address for a slip, and whether the network works.</translation>
    </message>
    <message>
        <source>Nobody answers at this address. Check its port, and whether the server has been started.</source>
        <translation>Nobody answers at this address. Check its port, and whether the server has been started.</translation>
    </message>
    <message>
        <source>The server does not answer in time. Check the address; a firewall or a missing proxy may swallow the request, or the server may be overloaded.</source>
        <translation>The server does not answer in time. Check the address; a firewall or a missing proxy may swallow the request, or the server may be overloaded.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not trusted, so nothing was sent. If this is your company&apos;s or your own server, choose the file of its certificate authority.</source>
        <translation>The server&apos;s certificate is not trusted, so nothing was sent. If this is your company&apos;s or your own server, choose the file of its certificate authority.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not valid today, so nothing was sent. Check this computer&apos;s date; if it is right, whoever runs the server has to renew the certificate.</source>
        <translation>The server&apos;s certificate is not valid today, so nothing was sent. Check this computer&apos;s date; if it is right, whoever runs the server has to renew the certificate.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is made out to another name, so nothing was sent. Use the name that it is made out to.</source>
        <translation>The server&apos;s certificate is made out to another name, so nothing was sent. Use the name that it is made out to.</translation>
    </message>
    <message>
        <source>The certificate file cannot be read. Choose one in the PEM format.</source>
        <translation>The certificate file cannot be read. Choose one in the PEM format.</translation>
    </message>
    <message>
        <source>The proxy cannot be reached or does not let the request through.</source>
        <translation>The proxy cannot be reached or does not let the request through.</translation>
    </message>
    <message>
        <source>The proxy asks for a name and a password. Write them into its address: http://name:password@host:port</source>
        <translation>The proxy asks for a name and a password. Write them into its address: http://name:password@host:port</translation>
    </message>
    <message>
        <source>The server is reached, but it has a problem of its own. Test again later.</source>
        <translation>The server is reached, but it has a problem of its own. Test again later.</translation>
    </message>
    <message>
        <source>The server runs and is still loading its model. Test again in a minute.</source>
        <translation>The server runs and is still loading its model. Test again in a minute.</translation>
    </message>
    <message>
        <source>The server is reached but has no model yet. Download or load one there, then test again.</source>
        <translation>The server is reached but has no model yet. Download or load one there, then test again.</translation>
    </message>
    <message>
        <source>The server is reached, but it does not have “{model}”, or this key may not use it.</source>
        <translation>The server is reached, but it does not have “{model}”, or this key may not use it.</translation>
    </message>
    <message>
        <source>The server is reached, but it does not accept the key. Enter it again.</source>
        <translation>The server is reached, but it does not accept the key. Enter it again.</translation>
    </message>
    <message>
        <source>The server is reached, and it wants a key. Enter one above.</source>
        <translation>The server is reached, and it wants a key. Enter one above.</translation>
    </message>
    <message>
        <source>The key holds a character that no key has, so nothing was sent. Copy it again, without quotes.</source>
        <translation>The key holds a character that no key has, so nothing was sent. Copy it again, without quotes.</translation>
    </message>
    <message>
        <source>The server is reached and knows the key, but does not permit this. The account may need to be verified, the key may lack a permission, or the server is closed to this country.</source>
        <translation>The server is reached and knows the key, but does not permit this. The account may need to be verified, the key may lack a permission, or the server is closed to this country.</translation>
    </message>
    <message>
        <source>Address and key are right, but the account has no credit or has reached its limit. Testing again does not help before that has changed.</source>
        <translation>Address and key are right, but the account has no credit or has reached its limit. Testing again does not help before that has changed.</translation>
    </message>
    <message>
        <source>Address and key are right; the server only asks for a pause. Test again in a minute.</source>
        <translation>Address and key are right; the server only asks for a pause. Test again in a minute.</translation>
    </message>
</context>
<context>
    <name>Viewer</name>
    <message>
        <source>Back to all pictures</source>
        <translation>Back to all pictures</translation>
    </message>
    <message>
        <source>Previous picture</source>
        <translation>Previous picture</translation>
    </message>
    <message>
        <source>Next picture</source>
        <translation>Next picture</translation>
    </message>
    <message>
        <source>Compare with the original</source>
        <translation>Compare with the original</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Zoom out</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Zoom in</translation>
    </message>
    <message>
        <source>Fit, or actual size</source>
        <translation>Fit, or actual size</translation>
    </message>
    <message>
        <source>How it was made</source>
        <translation>How it was made</translation>
    </message>
</context>
<context>
    <name>WaveformView</name>
    <message>
        <source>Waveform</source>
        <translation>Waveform</translation>
    </message>
    <message>
        <source>Left and right arrow keys move by five seconds</source>
        <translation>Left and right arrow keys move by five seconds</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>What would you like to know?</source>
        <translation>What would you like to know?</translation>
    </message>
    <message>
        <source>The built-in engine answers on this computer; nothing leaves it.</source>
        <translation>The built-in engine answers on this computer; nothing leaves it.</translation>
    </message>
    <message>
        <source>Drop pictures or text files anywhere to ask about them.</source>
        <translation>Drop pictures or text files anywhere to ask about them.</translation>
    </message>
    <message>
        <source>Explain recursion with a small Python example</source>
        <translation>Explain recursion with a small Python example</translation>
    </message>
    <message>
        <source>Write a polite e-mail that moves a meeting to Friday</source>
        <translation>Write a polite e-mail that moves a meeting to Friday</translation>
    </message>
    <message>
        <source>Translate into Chinese: The early bird catches the worm</source>
        <translation>Translate into Chinese: The early bird catches the worm</translation>
    </message>
    <message>
        <source>Connect a provider for larger models</source>
        <translation>Connect a provider for larger models</translation>
    </message>
</context>
<context>
    <name>WindowNotices</name>
    <message>
        <source>The history is damaged and being repaired: {percent} %</source>
        <translation>The history is damaged and being repaired: {percent} %</translation>
    </message>
    <message>
        <source>What can be read of it will be there in a moment. The damaged file is kept.</source>
        <translation>What can be read of it will be there in a moment. The damaged file is kept.</translation>
    </message>
    <message>
        <source>Conversations in it: {count}.</source>
        <translation>Conversations in it: {count}.</translation>
    </message>
    <message>
        <source>What was there before is kept as a backup.</source>
        <translation>What was there before is kept as a backup.</translation>
    </message>
    <message>
        <source>Switched off until you have checked the address: {names}.</source>
        <translation>Switched off until you have checked the address: {names}.</translation>
    </message>
    <message>
        <source>Open provider settings</source>
        <translation>Open provider settings</translation>
    </message>
    <message>
        <source>The state of {moment} is back</source>
        <translation>The state of {moment} is back</translation>
    </message>
    <message>
        <source>The backup is being put in place</source>
        <translation>The backup is being put in place</translation>
    </message>
    <message>
        <source>Everything will be there in a moment. The present data becomes a backup itself.</source>
        <translation>Everything will be there in a moment. The present data becomes a backup itself.</translation>
    </message>
    <message>
        <source>Undo the restore</source>
        <translation>Undo the restore</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
</context>
<context>
    <name>WrappingLabel</name>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
</context>
</TS>
