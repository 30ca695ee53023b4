"""Writes templates.json: what Jinja2 makes of chat templates, as transformers sets it up.

Run: python3 make_templates.py   (needs jinja2; made with 3.1.6)
The templates are written here, in the manner of the families they are named after.
"""
import json
import os
from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


def raise_exception(message):
    raise TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent,
                      separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception

TEMPLATES = {
    "chatml": """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}""",
    "qwen-like": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- set ns = namespace(multi_step=true, last_query=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step = false %}
        {%- set ns.last_query = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning = '' %}
        {%- set content = message.content %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in message.content %}
                {%- set reasoning = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query and (loop.last or reasoning) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
    "llama-like": """{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Today: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{#- every turn #}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "mistral-like": """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (ns.index % 2 == 0) %}
        {{- raise_exception('Roles must alternate user/assistant') }}
    {%- endif %}
    {%- set ns.index = ns.index + 1 %}
    {%- if message['role'] == 'user' %}
        {%- if message == user_messages[-1] and system_message is defined %}
            {{- '[INST] ' + system_message + '\\n\\n' + message['content'] + '[/INST]' }}
        {%- else %}
            {{- '[INST] ' + message['content'] + '[/INST]' }}
        {%- endif %}
    {%- else %}
        {{- ' ' + message['content']|trim + eos_token }}
    {%- endif %}
{%- endfor %}
""",
    "zephyr-like": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "plain-like": "{% for message in messages %}{{ message['content'] }}{% endfor %}",
    "white-space": """  {% if true %}
  a
  {%+ if true %} b {% endif +%}
 {# gone #}
    {{ 'x' }}
\t{%- if true -%}

  c {%- endif %}

{% raw %}
 {{ raw }} {% endraw %}
d {{- ' e ' -}}  f
{% for n in [1, 2] -%}
  {{ n }},
{%- endfor %}
{% endif %}

""",
    "language": """{% macro tag(name, body='-', end=none) %}<{{ name }}:{{ body }}{% if end %}/{{ end }}{% endif %}>{% endmacro -%}
{{ tag('a') }}{{ tag('b', 'c') }}{{ tag('d', end='e') }}|
{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 1 + 2 * 3 - 4 }} {{ 1.5 * 2 }}|
{{ 'a' ~ 1 ~ none ~ true ~ [1, 'x', none] ~ {'k': 'it"s', 'n': 1.0} }}|
{{ not 1 == 2 and 3 in [1, 2, 3] or false }} {{ 1 < 2 <= 2 < 3 }} {{ 'b' not in 'abc' }}|
{{ 'yes' if messages else 'no' }}{{ 'gone' if false }}|
{{ 'hello world'.title() }} {{ 'abc'[1:] }} {{ 'abc'[::-1] }} {{ 'abc'[-2] }} {{ [1,2,3,4][1:-1] }} {{ [1,2,3][5:] }}|
{{ missing }} {{ missing is defined }} {{ missing | default('d') }} {{ '' | default('e', true) }} {{ {}.get('a', 'z') }}|
{% for k, v in {'a': 1, 'b': [2]}.items() %}{{ k }}={{ v | tojson }}{{ ', ' if not loop.last }}{% endfor %}|
{% for x in range(10) if x % 2 %}{% if x == 7 %}{% break %}{% endif %}{% if x == 3 %}{% continue %}{% endif %}{{ x }}:{{ loop.index }}/{{ loop.revindex0 }} {% else %}none{% endfor %}|
{% for x in [] %}{{ x }}{% else %}empty{% endfor %}|
{% set a, b = 1, 2 %}{{ a + b }}{% set block %}<{{ a }}>{% endset %}{{ block | upper }}{{ block|length }}|
{% for m in messages %}{{ loop.previtem.role if loop.previtem is defined else '^' }}>{{ loop.nextitem.role if not loop.last else '$' }} {% endfor %}|
{{ messages | map(attribute='role') | join(', ') }} {{ messages | selectattr('role', 'ne', 'user') | list | length }} {{ ['a', 'b'] | map('upper') | list }}|
{{ {'a': [1, {'b': 'ü"\\n'}], 'c': none, 'd': true} | tojson }} {{ {'a': [1, 2]} | tojson(indent=2) }}|
{{ '  x '|trim }}{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a-b-c'.split('-', 1) }}{{ 'aXbX' | replace('X', '_') }}{{ 'xxaxx'.strip('x') }}|
{{ 5 is odd }} {{ 4 is even }} {{ 'a' is string }} {{ {} is mapping }} {{ [] is iterable }} {{ none is none }} {{ 9 is divisibleby 3 }} {{ 1 is not number }} {{ true is true }}|
{{ ['z', 'a'] | first }} {{ ['z', 'a'] | last }} {{ 'abc' | first }} {{ '3' | int + 1 }} {{ 'q' | int }} {{ [1, 2] | reverse | list }} {% for k, v in {'b': 1, 'a': 2} | dictsort %}{{ k }}{{ v }}{% endfor %}|
{{ "a\\tb\\u00e9" }} {{ 'a' 'b' }} {{ (1, 2) | length }} {{ 'ab' * 2 }} {{ -3 | abs }} {{ 'x\\ny' | indent(2) }}|""",
}

CONVERSATIONS = [
    [("user", "Hi <|im_end|> there"), ],
    [("system", " Be brief. "), ("user", "1+1?"), ("assistant", "<think>\neasy\n</think>\n\n2"),
     ("user", "再说一遍，好吗？")],
    [("user", "a"), ("assistant", "b \n"), ("user", "c  "), ("assistant", "<think>\nd\n</think>\n\ne")],
]

VARIABLES = {"bos_token": "<s>", "eos_token": "</s>"}


def main():
    cases = []
    for name, source in TEMPLATES.items():
        template = environment.from_string(source)
        for conversation in CONVERSATIONS:
            messages = [{"role": role, "content": content} for role, content in conversation]
            for prompt in (False, True):
                try:
                    expected = {"text": template.render(
                        messages=messages, add_generation_prompt=prompt, tools=None, documents=None,
                        **VARIABLES)}
                except TemplateError as error:
                    expected = {"error": str(error)}
                cases.append({"template": name, "messages": messages, "prompt": prompt, **expected})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates.json")
    with open(path, "w") as file:
        json.dump({"templates": TEMPLATES, "variables": VARIABLES, "cases": cases}, file,
                  ensure_ascii=False, indent=1)
        file.write("\n")


main()
